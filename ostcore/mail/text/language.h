/*
 * language.h - private: Windows LCIDs as language tags
 */
#ifndef OST_MAIL_LANGUAGE_H
#define OST_MAIL_LANGUAGE_H

#include <stdint.h>

/* The language tag of a Windows LCID (1033: "en-US"); NULL if unknown. */
const char *language_tag(uint32_t lcid);

#endif
