/*
 * The least that a filter on libmilter can be: asks for what lever-milter asks for, looks at nothing, and lets each
 * message go at the step that it is told. What it takes is the limit of the stack.
 *
 *     milter-stub SOCKET data|eoh|eom
 */
#include <libmilter/mfapi.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

static enum { AT_DATA, AT_EOH, AT_EOM } end;

static sfsistat negotiate(SMFICTX *ctx, unsigned long f0, unsigned long f1, unsigned long f2, unsigned long f3,
                          unsigned long *pf0, unsigned long *pf1, unsigned long *pf2, unsigned long *pf3)
{
    unsigned long wanted = SMFIP_NOCONNECT | SMFIP_NOHELO | SMFIP_NOUNKNOWN | SMFIP_NR_MAIL | SMFIP_NR_RCPT |
                           SMFIP_NR_HDR | SMFIP_NR_BODY | SMFIP_HDR_LEADSPC;
    (void)f2, (void)f3;
    if ((f1 & wanted) != wanted)
        return SMFIS_REJECT;
    *pf0 = f0 & (SMFIF_SETSYMLIST | SMFIF_ADDHDRS | SMFIF_ADDRCPT_PAR);
    *pf1 = wanted;
    *pf2 = *pf3 = 0;
    if (f0 & SMFIF_SETSYMLIST) {
        smfi_setsymlist(ctx, SMFIM_ENVFROM, "i");
        smfi_setsymlist(ctx, SMFIM_ENVRCPT, "i");
        smfi_setsymlist(ctx, SMFIM_DATA, "i");
    }
    return SMFIS_CONTINUE;
}

static sfsistat envelope(SMFICTX *ctx, char **argv)
{
    (void)ctx, (void)argv;
    return SMFIS_NOREPLY;
}

static sfsistat data(SMFICTX *ctx)
{
    (void)ctx;
    return end == AT_DATA ? SMFIS_ACCEPT : SMFIS_CONTINUE;
}

static sfsistat header(SMFICTX *ctx, char *name, char *value)
{
    (void)ctx, (void)name, (void)value;
    return SMFIS_NOREPLY;
}

static sfsistat eoh(SMFICTX *ctx)
{
    (void)ctx;
    return end == AT_EOH ? SMFIS_ACCEPT : SMFIS_CONTINUE;
}

static sfsistat body(SMFICTX *ctx, unsigned char *chunk, size_t size)
{
    (void)ctx, (void)chunk, (void)size;
    return SMFIS_NOREPLY;
}

static sfsistat go_on(SMFICTX *ctx)
{
    (void)ctx;
    return SMFIS_CONTINUE;
}

/* At once: on SIGTERM, libmilter takes seconds. */
static void leave(int number)
{
    (void)number;
    _exit(EX_OK);
}

int main(int argc, char **argv)
{
    struct smfiDesc filter = {
        .xxfi_name = "milter-stub",
        .xxfi_version = SMFI_VERSION,
        .xxfi_flags = SMFIF_SETSYMLIST | SMFIF_ADDHDRS | SMFIF_ADDRCPT_PAR,
        .xxfi_negotiate = negotiate,
        .xxfi_envfrom = envelope,
        .xxfi_envrcpt = envelope,
        .xxfi_data = data,
        .xxfi_header = header,
        .xxfi_eoh = eoh,
        .xxfi_body = body,
        .xxfi_eom = go_on,
        .xxfi_abort = go_on,
        .xxfi_close = go_on,
    };
    if (argc == 3 && strcmp(argv[2], "data") == 0)
        end = AT_DATA;
    else if (argc == 3 && strcmp(argv[2], "eoh") == 0)
        end = AT_EOH;
    else if (argc == 3 && strcmp(argv[2], "eom") == 0)
        end = AT_EOM;
    else {
        fprintf(stderr, "usage: milter-stub SOCKET data|eoh|eom\n");
        return EX_USAGE;
    }
    signal(SIGQUIT, leave);
    umask(0); /* Postfix has a user of its own. */
    if (smfi_register(filter) != MI_SUCCESS || smfi_setconn(argv[1]) != MI_SUCCESS)
        return EX_UNAVAILABLE;
    return smfi_main() == MI_SUCCESS ? EX_OK : EX_SOFTWARE;
}
