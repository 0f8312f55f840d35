#include <gmime/gmime.h>
#include <iconv.h>
