# The demo itself, as root: bash deploy/lib/demo.sh DIRECTORIES, where lever-milter and leverctl are, as in PATH. deploy/demo
# runs it.
set -euo pipefail
. deploy/lib/postgresql.sh

fail() {
    echo "deploy/demo: $*" >&2
    exit 1
}

started=$(date +%s%N)
export PATH="$1:$(postgresql_programs):/usr/sbin:$PATH"
demo=$(mktemp -d /tmp/lever-milter-demo.XXXXXX)
chmod 755 "$demo"

# Stops the processes started here, last one first, each by its pid with its own signal.
processes=()
start() { # NAME STOP-SIGNAL COMMAND...
    local name=$1 signal=$2
    shift 2
    "$@" >"$demo/$name.log" 2>&1 &
    processes=("$signal $!" ${processes[@]+"${processes[@]}"})
}
cleanup() {
    local process
    for process in ${processes[@]+"${processes[@]}"}; do
        kill -s ${process% *} ${process#* } 2>/dev/null || true
        wait ${process#* } 2>/dev/null || true
    done
    rm -rf "$demo"
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM

await() { # WHAT COMMAND...: until the command succeeds
    local what=$1 deadline=$((SECONDS + 30))
    shift
    until "$@" >/dev/null 2>&1; do
        if [ $SECONDS -ge $deadline ]; then
            tail -n 20 "$demo"/*.log >&2 || true
            fail "waited 30 s for $what"
        fi
        sleep 0.05
    done
}
free_ports() { # COUNT
    perl -MIO::Socket::INET -e '
        my @sockets = map { IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1") or die "no free port: $!\n" } 1..shift;
        print join(" ", map { $_->sockport } @sockets), "\n"' "$1"
}
answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1"); }
bold= green= red= faint= plain=
if [ -t 1 ] && [ "${TERM-dumb}" != dumb ] && [ -z "${NO_COLOR-}" ]; then
    bold=$'\e[1m' green=$'\e[32m' red=$'\e[31m' faint=$'\e[2m' plain=$'\e[0m'
fi
title() { printf '\n%s== %s%s\n' "$bold" "$*" "$plain"; }
show() { # prints a command as a user would type it, and runs it
    local word line='$'
    for word in "$@"; do
        case $word in *' '*) word="'$word'" ;; esac
        line+=" ${word//$demo\//}"
    done
    printf '%s%s%s\n' "$bold" "$line" "$plain"
    "$@"
}

read -r pg_port smtp_port milter_port < <(free_ports 3)

# --- PostgreSQL: refuses to run as root
as_postgres=(setpriv --reuid=postgres --regid=postgres --init-groups)
install -d -o postgres -m 700 "$demo/pg"
"${as_postgres[@]}" initdb -D "$demo/pg" --username=postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync \
    --no-instructions >"$demo/initdb.log" || fail "initdb: $(cat "$demo/initdb.log")"
start postgres INT "${as_postgres[@]}" postgres -D "$demo/pg" -p "$pg_port" -c listen_addresses=127.0.0.1 \
    -c unix_socket_directories= -c log_min_messages=warning
database="host=127.0.0.1 port=$pg_port dbname=lever"
sql() { psql "$database user=postgres" --no-psqlrc -q "$@"; }
await PostgreSQL pg_isready -h 127.0.0.1 -p "$pg_port"
createdb -h 127.0.0.1 -p "$pg_port" -U postgres lever

# --- Companies, a candidate, a thread: the administrator's side
cat >"$demo/leverctl.yaml" <<EOF
admin_database: $database user=postgres
reader_database: $database user=rita
auditor_database: $database user=auditor
operator_database: $database user=olga
host_name: mx1
spool: $demo/spool
EOF
export LEVER_CONFIG="$demo/leverctl.yaml" LEVER_PASSPHRASE='demo: velvet otter saddles comet'
export LEVER_PAGER=cat # nothing waits for a key

title "Set up: schema, companies, key, candidate, thread"
show leverctl init-db
sql -c 'CREATE ROLE mx1 LOGIN IN ROLE lever_ingest' -c 'CREATE ROLE rita LOGIN IN ROLE lever_reader' \
    -c 'CREATE ROLE auditor LOGIN IN ROLE lever_auditor' -c 'CREATE ROLE olga LOGIN IN ROLE lever_operator'
show leverctl company add Acme --domain acme.example --provider google --sync limited
show leverctl company add Globex --domain globex.example --provider microsoft --sync full
show leverctl key generate --company Acme --private-key "$demo/acme.pem"
leverctl key generate --company Globex --private-key "$demo/globex.pem" >/dev/null
show leverctl candidate add --company Acme --name 'Jörg Müller' --email joerg@home.example
kim=$(leverctl candidate add --company Globex --name 'Kim Ode' --email kim@home.example | grep -o '[0-9]*' | head -n 1)
show leverctl thread start --company Acme --candidate 1 | tee "$demo/thread"
marker=$(sed -n 's/^Message-ID: //p' "$demo/thread")
[ -n "$marker" ] || fail "leverctl printed no Message-ID"
full_sync=$(leverctl thread start --company Globex --candidate "$kim" | sed -n 's/^Message-ID: //p')
show leverctl user add rita --company Acme --role admin --email rita@acme.example
show leverctl access grant auditor --company Acme
show leverctl access grant olga --company Acme
show leverctl host add mx1 --signing-key "$demo/mx1.key"

# --- lever-milter: the mail host's side, with the ingest role and no private key
cat >"$demo/lever-milter.yaml" <<EOF
socket: inet:$milter_port@127.0.0.1
database: $database user=mx1
spool: $demo/spool
host_name: mx1
signing_key: $demo/mx1.key
EOF
lever-milter --config "$demo/lever-milter.yaml" --check >/dev/null
start lever-milter TERM lever-milter --config "$demo/lever-milter.yaml"
await lever-milter answers "$milter_port"

# --- Postfix
mkdir -p "$demo/postfix" "$demo/queue"
install -d -o postfix "$demo/data"
install -d -o nobody "$demo/mail"
cat >"$demo/postfix/main.cf" <<EOF
compatibility_level = 3.6
queue_directory = $demo/queue
data_directory = $demo/data
maillog_file = $demo/mail.log
maillog_file_prefixes = $demo
myhostname = mx.acme.example
mydestination =
inet_interfaces = loopback-only
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
alias_maps =
virtual_mailbox_domains = static:all
virtual_mailbox_base = $demo/mail
virtual_mailbox_maps = static:all/
virtual_uid_maps = static:$(id -u nobody)
virtual_gid_maps = static:$(id -g nobody)
default_transport = error:5.7.1 no mail leaves this demo
smtpd_recipient_restrictions = permit_mynetworks, reject
smtpd_milters = { inet:127.0.0.1:$milter_port, connect_timeout=10s, command_timeout=30s, content_timeout=120s, default_action=tempfail }
non_smtpd_milters = \$smtpd_milters
enable_threaded_bounces = yes
internal_mail_filter_classes = bounce
EOF
cat >"$demo/postfix/master.cf" <<EOF
127.0.0.1:$smtp_port inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
EOF
touch "$demo/mail.log"
postfix -c "$demo/postfix" check
start postfix TERM /usr/lib/postfix/sbin/master -c "$demo/postfix" -d
await Postfix answers "$smtp_port"

# --- Mail
send() { # FROM TO: the message on standard input
    swaks --server "127.0.0.1:$smtp_port" --from "$1" --to "$2" --data - --silent 2 >"$demo/swaks.log" ||
        fail "Postfix did not take a message: $(cat "$demo/swaks.log")"
}
sent() { # captured|refused|unread WHAT
    local colour
    case $1 in captured) colour=$green ;; refused) colour=$red ;; *) colour=$faint ;; esac
    printf '  %s%-9s%s %s\n' "$colour" "$1" "$plain" "$2"
}

title "Send eight messages through Postfix"
sent captured 'Rita, recruiter at Acme, writes to the candidate'
send rita@acme.example joerg@home.example <<EOF
From: Rita Noor <rita@acme.example>
To: =?UTF-8?Q?J=C3=B6rg_M=C3=BCller?= <joerg@home.example>
Subject: Your application at Acme
Date: Mon, 23 Nov 2026 09:00:00 +0100
Message-ID: $marker
References: $marker
X-Lever-Thread: $marker
Content-Type: text/plain; charset=utf-8

Hello Jörg,

would Thursday suit you? Please send your CV along.

Rita
EOF
sent captured 'The candidate replies, with an attachment and umlauts'
send joerg@home.example rita@acme.example <<EOF
From: =?UTF-8?Q?J=C3=B6rg_M=C3=BCller?= <joerg@home.example>
To: Rita Noor <rita@acme.example>
Subject: =?UTF-8?Q?Re:_Your_application_at_Acme_=E2=80=93_gr=C3=BC=C3=9Fe?=
Date: Mon, 23 Nov 2026 10:30:00 +0100
Message-ID: <reply-1@home.example>
In-Reply-To: $marker
References: $marker
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="b1"

--b1
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

Liebe Rita, Thursday is fine. Canary: my salary is 4711 =A4. Gr=FC=DFe, J=F6rg

On Mon, 23 Nov 2026 at 09:00, Rita Noor <rita@acme.example> wrote:
> Hello J=F6rg,
>
> would Thursday suit you? Please send your CV along.
--b1
Content-Type: application/pdf; name="Lebenslauf.pdf"
Content-Disposition: attachment; filename*=UTF-8''Lebenslauf%20M%C3%BCller.pdf
Content-Transfer-Encoding: base64

JVBERi0xLjQKJSBhIHNob3J0IENWCiUlRU9GCg==
--b1--
EOF
sent captured 'Rita answers from her inbox, where no marker is but in References'
send rita@acme.example joerg@home.example <<EOF
From: Rita Noor <rita@acme.example>
To: joerg@home.example
Subject: Re: Your application at Acme
Date: Mon, 23 Nov 2026 11:00:00 +0100
Message-ID: <answer-1@acme.example>
In-Reply-To: <reply-1@home.example>
References: $marker
 <reply-1@home.example>

Thursday at ten, then.
EOF
sent captured 'Rita asks a colleague, inside the company'
send rita@acme.example paul@acme.example <<EOF
From: Rita Noor <rita@acme.example>
To: Paul Okoro <paul@acme.example>
Subject: Fwd: Your application at Acme
Date: Mon, 23 Nov 2026 11:05:00 +0100
Message-ID: <internal-1@acme.example>
References: $marker <reply-1@home.example>

Paul, can you join on Thursday at ten?
EOF
sent captured 'The candidate answers on a phone that drops References: known by the id of what it answers'
send joerg@home.example rita@acme.example <<EOF
From: =?UTF-8?Q?J=C3=B6rg_M=C3=BCller?= <joerg@home.example>
To: Rita Noor <rita@acme.example>
Subject: Re: Your application at Acme
Date: Mon, 23 Nov 2026 11:08:00 +0100
Message-ID: <reply-2@home.example>
In-Reply-To: <answer-1@acme.example>

Ten it is.
EOF
sent refused 'A stranger forges the marker: its signature is wrong'
case ${marker:50:1} in a) forged=b ;; *) forged=a ;; esac
forged=${marker:0:50}$forged${marker:51}
send mallory@elsewhere.example rita@acme.example <<EOF
From: mallory@elsewhere.example
To: rita@acme.example
Subject: Let me in
Date: Mon, 23 Nov 2026 11:10:00 +0100
Message-ID: <forged-1@elsewhere.example>
In-Reply-To: $forged

This is on nobody's timeline.
EOF
sent unread 'Private mail to Rita: no marker, so the filter never gets the body'
send friend@home.example rita@acme.example <<EOF
From: friend@home.example
To: rita@acme.example
Subject: Dinner
Date: Mon, 23 Nov 2026 11:15:00 +0100
Message-ID: <dinner-1@home.example>

Tonight at eight?
EOF
sent unread 'A reply in a thread of Globex, on full sync: the filter sees the envelope alone'
send kim@home.example hank@globex.example <<EOF
From: kim@home.example
To: hank@globex.example
Subject: Re: Your application at Globex
Date: Mon, 23 Nov 2026 11:20:00 +0100
Message-ID: <kim-1@home.example>
In-Reply-To: $full_sync

Lever reads this mailbox itself.
EOF

outcomes() { [ "$(grep -c "outcome=$1" "$demo/lever-milter.log")" -eq "$2" ]; }
delivered() { [ "$(find "$demo/mail/all/new" -type f | wc -l)" -eq 8 ]; }
recorded() { [ "$(sql -Atc 'SELECT count(*) FROM lever.delivery')" -eq 6 ]; }
await 'five captured messages' outcomes captured 5
await 'the forged message' outcomes bad_signature 1
await 'eight messages in mailboxes' delivered
await 'six delivery records' recorded

title "The candidate's timeline: with the company's private key"
show leverctl timeline --company Acme --candidate 1 --private-key "$demo/acme.pem"

title "The same in the database: sealed"
sql -P pager=off -c "
    SELECT m.queue_id, m.direction, m.size, substr(encode(k.head, 'hex'), 1, 16) || '...' AS head,
           substr(encode(p.bytes, 'hex'), 1, 32) || '...' AS tail
    FROM lever.message m JOIN lever.message_key k USING (company_id, entry_id)
    JOIN lever.message_part p USING (company_id, entry_id) WHERE p.part = 0 ORDER BY m.accepted_at"
sql -c CHECKPOINT
for text in 'my salary is' 'joerg@home' 'Thursday' 'Lebenslauf'; do
    if grep -rqaF "$text" "$demo/pg" "$demo/spool" "$demo/lever-milter.log"; then
        fail "found in the clear: $text"
    fi
    printf "'%s': not in the database's files, nor in the spool, nor in the filter's log\n" "$text"
done

title "The audit: who opened what"
show leverctl audit list --company Acme
show leverctl audit verify --company Acme

title "The delivery log: lever-milter's log, and in the database"
grep -E 'outcome=|: spooled ' "$demo/lever-milter.log"
show leverctl deliveries --since 1h

echo "All eight messages are in the recipients' mailboxes. The last two are not logged: they passed unread."

title "Why was this message not captured?"
show leverctl trace "$(sed -n 's/^\([[:alnum:]]*\): outcome=bad_signature .*/\1/p' "$demo/lever-milter.log")" \
    --log "$demo/lever-milter.log" --log "$demo/mail.log"

elapsed=$((($(date +%s%N) - started) / 1000000))
printf '\nDone in %d.%01d s. Nothing of it is left on this machine. docs/tutorial/install.md sets up a mail host.\n' \
    $((elapsed / 1000)) $((elapsed % 1000 / 100))
