-- Reading heads: whom a message is sealed to is what its head says, whatever anybody claims.

-- Tag and length of a DER element (X.690) with that many bytes of content.
CREATE OR REPLACE FUNCTION lever.der_header(tag integer, length bigint) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    bytes CONSTANT integer :=
        CASE WHEN length < 256 THEN 1 WHEN length < 65536 THEN 2 WHEN length < 16777216 THEN 3 ELSE 4 END;
BEGIN
    RETURN set_byte('\x00', 0, tag) || CASE WHEN length < 128 THEN ''::bytea ELSE set_byte('\x00', 0, 128 + bytes) END
        || substring(int8send(length) FROM 9 - bytes);
END
$$;

-- Reads a head in the one encoding that is written (docs/reference/formats.md). `recipients` are its records in their
-- order, 182 bytes each; `content` is what follows them, which re-wrapping leaves as it is. NULL for anything else.
CREATE OR REPLACE FUNCTION lever.read_head(head bytea, OUT recipients bytea[], OUT content bytea)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- id-ct-authEnvelopedData; version 0; id-data; the algorithm before and after the nonce.
    enveloped CONSTANT bytea := '\x060b2a864886f70d0109100117';
    version CONSTANT bytea := '\x020100';
    data CONSTANT bytea := '\x06092a864886f70d010701';
    algorithm CONSTANT bytea := '\x301e060960864801650304012e3011040c';
    icv_length CONSTANT bytea := '\x020110';
    -- A record before the ephemeral point, before the key's id, and before the wrapped key.
    record_parts CONSTANT bytea[] := ARRAY[
        '\xa181b3020103a051a14f300906072a8648ce3d0201034200',
        '\x301506062b8104010b01300b060960864801650304012d30443042a0160414', '\x0428'];
    mac_length CONSTANT bigint := 18;
    place integer := 1; -- From 0, of the next header's second byte.
    records integer;
    last integer;
    record bytea;
    found bytea[] := '{}';
    ciphertext bigint := 0;
    body bytea;
BEGIN
    IF coalesce(octet_length(head) NOT BETWEEN 250 AND 100000, true) THEN
        RETURN;
    END IF;
    -- What is skipped here is compared below. The headers: ContentInfo, [0], AuthEnvelopedData, recipientInfos.
    place := place + 1 + greatest(get_byte(head, place) - 128, 0) + octet_length(enveloped) + 1;
    IF place > 30 THEN RETURN; END IF;
    place := place + 1 + greatest(get_byte(head, place) - 128, 0) + 1;
    IF place > 40 THEN RETURN; END IF;
    place := place + 1 + greatest(get_byte(head, place) - 128, 0) + octet_length(version) + 1;
    IF place > 50 THEN RETURN; END IF;
    records := get_byte(head, place);
    IF records > 130 THEN RETURN; END IF;
    last := greatest(records - 128, 0);
    IF last > 0 THEN
        records := 0;
        FOR i IN 1..last LOOP
            records := records * 256 + get_byte(head, place + i);
        END LOOP;
    END IF;
    place := place + 1 + last;
    IF records = 0 OR records % 182 <> 0 OR place + records + 47 > octet_length(head) THEN
        RETURN;
    END IF;

    FOR i IN 0..records / 182 - 1 LOOP
        record := substring(head FROM place + 1 + 182 * i FOR 182);
        IF substring(record FOR 24) <> record_parts[1] OR substring(record FROM 90 FOR 31) <> record_parts[2]
            OR substring(record FROM 141 FOR 2) <> record_parts[3] OR record <= found[i]
        THEN
            RETURN;
        END IF;
        found := found || record;
    END LOOP;

    -- The ciphertext's header ends the head; its length counts in all others but that of the records.
    body := substring(head FROM place + records + 1);
    last := 2 + greatest(get_byte(body, 1) - 128, 0) + octet_length(data) + 32;
    IF octet_length(body) - last NOT BETWEEN 2 AND 6 THEN
        RETURN;
    END IF;
    IF octet_length(body) - last = 2 THEN
        ciphertext := get_byte(body, last + 1);
    ELSE
        FOR i IN last + 2..octet_length(body) - 1 LOOP
            ciphertext := ciphertext * 256 + get_byte(body, i);
        END LOOP;
    END IF;
    content := lever.der_header(128, ciphertext);
    content := data || algorithm || substring(body FROM last - 14 FOR 12) || icv_length || content;
    content := lever.der_header(48, octet_length(content) + ciphertext) || content;
    body := version || lever.der_header(49, records) || substring(head FROM place + 1 FOR records) || content;
    body := lever.der_header(48, octet_length(body) + ciphertext + mac_length) || body;
    body := enveloped || lever.der_header(160, octet_length(body) + ciphertext + mac_length) || body;
    IF head = lever.der_header(48, octet_length(body) + ciphertext + mac_length) || body THEN
        recipients := found;
    ELSE
        content := NULL;
    END IF;
END
$$;

-- The ids of the keys that a head is wrapped for; NULL for a head that is not in our encoding.
CREATE OR REPLACE FUNCTION lever.head_key_ids(head bytea) RETURNS bytea[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    recipients CONSTANT bytea[] := (lever.read_head(head)).recipients;
BEGIN
    RETURN CASE WHEN recipients IS NOT NULL THEN
        ARRAY(SELECT substring(r.record FROM 121 FOR 20) FROM unnest(recipients) AS r (record)) END;
END
$$;
