-- Candidates' addresses, which people's mail is sent to: what proves that nobody has exchanged one. The company's
-- signature covers the sealed profile; its private key is never here, so whoever reads the profile checks it.

-- Keeps the company's signature of a candidate's profile, which whoever opens the profile checks. Returns the refusal,
-- or NULL.
CREATE OR REPLACE FUNCTION lever.confirm_profile(company bigint, candidate bigint, signature bytea) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    refusal text := lever.begin_action(company, 'candidate', candidate => candidate);
BEGIN
    IF refusal IS NOT NULL THEN
        RETURN refusal;
    ELSIF (octet_length(signature) BETWEEN 8 AND 80) IS NOT TRUE THEN
        RAISE 'no such signature' USING ERRCODE = 'invalid_parameter_value';
    ELSIF NOT (lever.sees_candidate(candidate) AND lever.hold_candidate(company, candidate)) THEN
        refusal := 'no such candidate';
    END IF;
    PERFORM lever.audit_attempt('candidate', refusal, NULL, candidate, NULL, 'confirmed');
    IF refusal IS NULL THEN
        UPDATE lever.candidate AS c SET signature = confirm_profile.signature
        WHERE c.company_id = company AND c.candidate_id = candidate;
    END IF;
    RETURN refusal;
END
$$;

-- What the audit says of a candidate's profile: SHA-256 of the tail that it was added with, and whether the company has
-- ever signed it. NULLs for a candidate whom the session's user does not see.
CREATE OR REPLACE FUNCTION lever.profile_evidence(
    company bigint, candidate bigint, OUT tail_digest bytea, OUT was_confirmed boolean
)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM set_config('lever.company', company::text, true);
    IF NOT lever.sees_candidate(candidate) THEN
        RETURN;
    END IF;
    tail_digest := (
        SELECT decode(substring(a.reason FROM '^added ([0-9a-f]{64})$'), 'hex') FROM lever.audit AS a
        WHERE a.company_id = company AND a.candidate_id = candidate AND a.action = 'candidate' AND a.allowed
            AND a.reason ~ '^added ' ORDER BY a.seq LIMIT 1);
    was_confirmed := EXISTS (
        SELECT FROM lever.audit AS a
        WHERE a.company_id = company AND a.candidate_id = candidate AND a.action = 'candidate' AND a.allowed
            AND a.reason = 'confirmed');
END
$$;
