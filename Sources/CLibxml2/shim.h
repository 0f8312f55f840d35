// Debian's libxml2 is built with ICU, whose headers Foundation has too, in another version: one program cannot import
// both. Nothing that is used here depends on them.
#include <libxml/xmlversion.h>
#undef LIBXML_ICU_ENABLED
#include <libxml/HTMLparser.h>
#include <libxml/parserInternals.h>
