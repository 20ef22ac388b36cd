#include "choice.h"

#include <string.h>

#include "out/out.h"
#include "tool.h"

int choice_pattern(const char **patterns, size_t *count)
{
	size_t len = strlen(optarg);

	while (len > 1 && optarg[len - 1] == '/')
		optarg[--len] = '\0';
	if (*count == CHOICE_PATTERNS) {
		tool_warn("more than %d patterns", CHOICE_PATTERNS);
		return OST_EXIT_USAGE;
	}
	patterns[(*count)++] = optarg;
	return TOOL_GO_ON;
}

int choice_date(int64_t *out, bool *has, bool end)
{
	*has = out_date(out, optarg, end);
	if (*has)
		return TOOL_GO_ON;
	tool_warn("\"%s\" is not a date: 2024-03-01, or 2024-03-01T10:22:00Z",
		  optarg);
	return OST_EXIT_USAGE;
}
