# For trials: a company with a candidate and a reader, on PostgreSQL and Postfix of the system.

# The daemon's login, which needs a password.
site_database='host=127.0.0.1 dbname=lever user=mx1'
site_pgpass='127.0.0.1:5432:lever:mx1:se\:cret'

install_servers() { # SOCKET, as Postfix writes it
    within debconf-set-selections <<END
postfix postfix/main_mailer_type select Local only
postfix postfix/mailname string mx.acme.example
END
    within apt-get install -q -y --no-install-recommends postfix postgresql >"$work/servers.log" 2>&1 || fail "apt-get install"
    # As docs/howto/postfix.md says; accepted mail is discarded.
    within postconf -e "lever_milter = { $1, connect_timeout=10s, command_timeout=30s, content_timeout=120s, default_action=tempfail }" \
        'smtpd_milters = ${lever_milter}' 'non_smtpd_milters = ${lever_milter}' \
        'enable_threaded_bounces = yes' 'internal_mail_filter_classes = bounce' 'mydestination = acme.example' \
        'local_recipient_maps =' 'local_transport = discard:taken' 'default_transport = discard:taken' 'inet_protocols = ipv4'
    within useradd --create-home rita
}

# leverctl as a user of the system, who is the database's user of that name.
as() {
    local user=$1
    shift
    inside runuser -u "$user" -- env "LEVER_CONFIG=/etc/lever-$user.yaml" LEVER_PASSPHRASE=velvet-otter-saddles-comet leverctl "$@"
}
sql() { inside runuser -u postgres -- psql --no-psqlrc -qAt lever -c "$1"; }

found_company() { # leaves a thread's Message-ID in $marker, and mx1's signing key in /var/lib/postgresql/mx1.key
    echo 'admin_database: host=/run/postgresql dbname=lever' >"$root/etc/lever-postgres.yaml"
    echo 'reader_database: host=/run/postgresql dbname=lever' >"$root/etc/lever-rita.yaml"
    await PostgreSQL inside runuser -u postgres -- pg_isready
    inside runuser -u postgres -- createdb lever
    as postgres init-db >/dev/null
    sql "CREATE ROLE mx1 LOGIN PASSWORD 'se:cret' IN ROLE lever_ingest; CREATE ROLE rita LOGIN IN ROLE lever_reader"
    as postgres company add Acme --domain acme.example --provider google --sync limited >/dev/null
    as postgres key generate --company Acme --private-key /var/lib/postgresql/acme.pem >/dev/null
    as postgres user add rita --company Acme --role admin --email rita@acme.example >/dev/null
    as postgres candidate add --company Acme --name Anna --email anna@home.example >/dev/null
    marker=$(as postgres thread start --company Acme --candidate 1 | sed -n 's/^Message-ID: //p')
    as postgres host add mx1 --signing-key /var/lib/postgresql/mx1.key >/dev/null
    inside install -o rita -m 0600 /var/lib/postgresql/acme.pem /home/rita/acme.pem
    inside rm /var/lib/postgresql/acme.pem
}

reply() { # sends one, and gives its queue ID in $queue_id
    inside swaks --server 127.0.0.1 --from anna@home.example --to rita@acme.example \
        --header "In-Reply-To: $marker" --header "Message-ID: <reply-$RANDOM$RANDOM@home.example>" --body Hello \
        >"$work/swaks.log" || fail "Postfix did not take a reply"
    queue_id=$(sed -n 's/.*queued as \([[:alnum:]]*\).*/\1/p' "$work/swaks.log")
}

expect_timeline() { # that Rita reads what mx1 stored
    as rita timeline --company Acme --candidate 1 --private-key /home/rita/acme.pem >"$work/timeline.log" ||
        fail "leverctl timeline failed"
    grep -q 'verified, stored by mx1' "$work/timeline.log" || fail "the reply is not on the timeline as signed by mx1"
}
