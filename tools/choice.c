#include "choice.h"

#include <stdlib.h>
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

bool choice_size(uint64_t *out, const char *text, const char *units)
{
	static const char all[] = "KMG";
	char *end;
	const unsigned long long n = strtoull(text, &end, 10);
	const bool has_unit = *end != '\0' && strchr(units, *end) != NULL;
	const size_t place =
		has_unit ? (size_t)(strchr(all, *end) - all) + 1 : 0;

	*out = (uint64_t)n << 10 * place;
	return *text >= '0' && *text <= '9' && n <= 1 << 20 &&
	       (has_unit ? end[1] == '\0' : n == 0 && *end == '\0');
}
