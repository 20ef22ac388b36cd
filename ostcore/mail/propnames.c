/*
 * propnames.c - what Microsoft calls the properties that a person may want to
 * see of a contact, an appointment, a task or a note  [MS-OXPROPS]
 */
#include <stdlib.h>
#include <string.h>

#include "mail/proplist.h"

struct named_tag {
	uint16_t id;
	const char *name;
};

/* By id. Those of no name here are shown as numbers. */
static const struct named_tag tags[] = {
	{ 0x0015, "ExpiryTime" },
	{ 0x0017, "Importance" },
	{ 0x0036, "Sensitivity" },
	{ 0x0037, "Subject" },
	{ 0x0042, "SentRepresentingName" },
	{ 0x0060, "StartDate" },
	{ 0x0061, "EndDate" },
	{ 0x0065, "SentRepresentingEmailAddress" },
	{ 0x0070, "ConversationTopic" },
	{ 0x0C1A, "SenderName" },
	{ 0x0C1F, "SenderEmailAddress" },
	{ 0x0E02, "DisplayBcc" },
	{ 0x0E03, "DisplayCc" },
	{ 0x0E04, "DisplayTo" },
	{ 0x1091, "FlagCompleteTime" },
	{ 0x3001, "DisplayName" },
	{ 0x3003, "EmailAddress" },
	{ 0x3004, "Comment" },
	{ 0x3007, "CreationTime" },
	{ 0x3008, "LastModificationTime" },
	{ 0x39FE, "SmtpAddress" },
	{ 0x3A02, "CallbackTelephoneNumber" },
	{ 0x3A05, "Generation" },
	{ 0x3A06, "GivenName" },
	{ 0x3A07, "GovernmentIdNumber" },
	{ 0x3A08, "BusinessTelephoneNumber" },
	{ 0x3A09, "HomeTelephoneNumber" },
	{ 0x3A0A, "Initials" },
	{ 0x3A0B, "Keyword" },
	{ 0x3A0C, "Language" },
	{ 0x3A0D, "Location" },
	{ 0x3A0F, "MessageHandlingSystemCommonName" },
	{ 0x3A10, "OrganizationalIdNumber" },
	{ 0x3A11, "Surname" },
	{ 0x3A12, "OriginalEntryId" },
	{ 0x3A15, "PostalAddress" },
	{ 0x3A16, "CompanyName" },
	{ 0x3A17, "Title" },
	{ 0x3A18, "DepartmentName" },
	{ 0x3A19, "OfficeLocation" },
	{ 0x3A1A, "PrimaryTelephoneNumber" },
	{ 0x3A1B, "Business2TelephoneNumber" },
	{ 0x3A1C, "MobileTelephoneNumber" },
	{ 0x3A1D, "RadioTelephoneNumber" },
	{ 0x3A1E, "CarTelephoneNumber" },
	{ 0x3A1F, "OtherTelephoneNumber" },
	{ 0x3A20, "TransmittableDisplayName" },
	{ 0x3A21, "PagerTelephoneNumber" },
	{ 0x3A23, "PrimaryFaxNumber" },
	{ 0x3A24, "BusinessFaxNumber" },
	{ 0x3A25, "HomeFaxNumber" },
	{ 0x3A26, "Country" },
	{ 0x3A27, "Locality" },
	{ 0x3A28, "StateOrProvince" },
	{ 0x3A29, "StreetAddress" },
	{ 0x3A2A, "PostalCode" },
	{ 0x3A2B, "PostOfficeBox" },
	{ 0x3A2C, "TelexNumber" },
	{ 0x3A2D, "IsdnNumber" },
	{ 0x3A2E, "AssistantTelephoneNumber" },
	{ 0x3A2F, "Home2TelephoneNumber" },
	{ 0x3A30, "Assistant" },
	{ 0x3A41, "WeddingAnniversary" },
	{ 0x3A42, "Birthday" },
	{ 0x3A43, "Hobbies" },
	{ 0x3A44, "MiddleName" },
	{ 0x3A45, "DisplayNamePrefix" },
	{ 0x3A46, "Profession" },
	{ 0x3A47, "ReferredByName" },
	{ 0x3A48, "SpouseName" },
	{ 0x3A49, "ComputerNetworkName" },
	{ 0x3A4A, "CustomerId" },
	{ 0x3A4B, "TelecommunicationsDeviceForDeafTelephoneNumber" },
	{ 0x3A4C, "FtpSite" },
	{ 0x3A4D, "Gender" },
	{ 0x3A4E, "ManagerName" },
	{ 0x3A4F, "Nickname" },
	{ 0x3A50, "PersonalHomePage" },
	{ 0x3A51, "BusinessHomePage" },
	{ 0x3A57, "CompanyMainTelephoneNumber" },
	{ 0x3A58, "ChildrensNames" },
	{ 0x3A59, "HomeAddressCity" },
	{ 0x3A5A, "HomeAddressCountry" },
	{ 0x3A5B, "HomeAddressPostalCode" },
	{ 0x3A5C, "HomeAddressStateOrProvince" },
	{ 0x3A5D, "HomeAddressStreet" },
	{ 0x3A5E, "HomeAddressPostOfficeBox" },
	{ 0x3A5F, "OtherAddressCity" },
	{ 0x3A60, "OtherAddressCountry" },
	{ 0x3A61, "OtherAddressPostalCode" },
	{ 0x3A62, "OtherAddressStateOrProvince" },
	{ 0x3A63, "OtherAddressStreet" },
	{ 0x3A64, "OtherAddressPostOfficeBox" },
};

/* The second to last field of the GUID tells these sets apart. */
enum { APPOINTMENT = 0x02, TASK = 0x03, ADDRESS = 0x04, COMMON = 0x08 };
enum { JOURNAL = 0x0A, NOTE = 0x0E };

static const struct named_lid {
	uint8_t set;
	uint16_t lid;
	const char *name;
} lids[] = {
	{ APPOINTMENT, 0x8201, "AppointmentSequence" },
	{ APPOINTMENT, 0x8205, "BusyStatus" },
	{ APPOINTMENT, 0x8208, "Location" },
	{ APPOINTMENT, 0x820D, "AppointmentStartWhole" },
	{ APPOINTMENT, 0x820E, "AppointmentEndWhole" },
	{ APPOINTMENT, 0x8213, "AppointmentDuration" },
	{ APPOINTMENT, 0x8215, "AppointmentSubType" },
	{ APPOINTMENT, 0x8217, "AppointmentStateFlags" },
	{ APPOINTMENT, 0x8218, "ResponseStatus" },
	{ APPOINTMENT, 0x8223, "Recurring" },
	{ APPOINTMENT, 0x8228, "ExceptionReplaceTime" },
	{ APPOINTMENT, 0x8230, "AppointmentReplyName" },
	{ APPOINTMENT, 0x8231, "RecurrenceType" },
	{ APPOINTMENT, 0x8232, "RecurrencePattern" },
	{ APPOINTMENT, 0x8234, "TimeZoneDescription" },
	{ APPOINTMENT, 0x8235, "ClipStart" },
	{ APPOINTMENT, 0x8236, "ClipEnd" },
	{ APPOINTMENT, 0x8238, "AllAttendees" },
	{ APPOINTMENT, 0x823B, "ToAttendees" },
	{ APPOINTMENT, 0x823C, "CcAttendees" },
	{ TASK, 0x8101, "TaskStatus" },
	{ TASK, 0x8102, "PercentComplete" },
	{ TASK, 0x8104, "TaskStartDate" },
	{ TASK, 0x8105, "TaskDueDate" },
	{ TASK, 0x810F, "TaskDateCompleted" },
	{ TASK, 0x8110, "TaskActualEffort" },
	{ TASK, 0x8111, "TaskEstimatedEffort" },
	{ TASK, 0x811C, "TaskComplete" },
	{ TASK, 0x811F, "TaskOwner" },
	{ TASK, 0x8121, "TaskAssigner" },
	{ TASK, 0x8125, "TaskOrdinal" },
	{ TASK, 0x8126, "TaskFRecurring" },
	{ ADDRESS, 0x8005, "FileUnder" },
	{ ADDRESS, 0x801A, "HomeAddress" },
	{ ADDRESS, 0x801B, "WorkAddress" },
	{ ADDRESS, 0x801C, "OtherAddress" },
	{ ADDRESS, 0x802B, "Html" },
	{ ADDRESS, 0x802C, "YomiFirstName" },
	{ ADDRESS, 0x802D, "YomiLastName" },
	{ ADDRESS, 0x802E, "YomiCompanyName" },
	{ ADDRESS, 0x8045, "WorkAddressStreet" },
	{ ADDRESS, 0x8046, "WorkAddressCity" },
	{ ADDRESS, 0x8047, "WorkAddressState" },
	{ ADDRESS, 0x8048, "WorkAddressPostalCode" },
	{ ADDRESS, 0x8049, "WorkAddressCountry" },
	{ ADDRESS, 0x804A, "WorkAddressPostOfficeBox" },
	{ ADDRESS, 0x804F, "ContactUserField1" },
	{ ADDRESS, 0x8050, "ContactUserField2" },
	{ ADDRESS, 0x8051, "ContactUserField3" },
	{ ADDRESS, 0x8052, "ContactUserField4" },
	{ ADDRESS, 0x8053, "DistributionListName" },
	{ ADDRESS, 0x8062, "InstantMessagingAddress" },
	{ ADDRESS, 0x8080, "Email1DisplayName" },
	{ ADDRESS, 0x8082, "Email1AddressType" },
	{ ADDRESS, 0x8083, "Email1EmailAddress" },
	{ ADDRESS, 0x8084, "Email1OriginalDisplayName" },
	{ ADDRESS, 0x8090, "Email2DisplayName" },
	{ ADDRESS, 0x8092, "Email2AddressType" },
	{ ADDRESS, 0x8093, "Email2EmailAddress" },
	{ ADDRESS, 0x8094, "Email2OriginalDisplayName" },
	{ ADDRESS, 0x80A0, "Email3DisplayName" },
	{ ADDRESS, 0x80A2, "Email3AddressType" },
	{ ADDRESS, 0x80A3, "Email3EmailAddress" },
	{ ADDRESS, 0x80A4, "Email3OriginalDisplayName" },
	{ ADDRESS, 0x80B3, "Fax1EmailAddress" },
	{ ADDRESS, 0x80C3, "Fax2EmailAddress" },
	{ ADDRESS, 0x80D3, "Fax3EmailAddress" },
	{ ADDRESS, 0x80D8, "FreeBusyLocation" },
	{ ADDRESS, 0x80DE, "BirthdayLocal" },
	{ ADDRESS, 0x80DF, "WeddingAnniversaryLocal" },
	{ COMMON, 0x8501, "ReminderDelta" },
	{ COMMON, 0x8502, "ReminderTime" },
	{ COMMON, 0x8503, "ReminderSet" },
	{ COMMON, 0x8506, "Private" },
	{ COMMON, 0x8516, "CommonStart" },
	{ COMMON, 0x8517, "CommonEnd" },
	{ COMMON, 0x8530, "FlagRequest" },
	{ COMMON, 0x8534, "Mileage" },
	{ COMMON, 0x8535, "Billing" },
	{ COMMON, 0x8539, "Companies" },
	{ COMMON, 0x853A, "Contacts" },
	{ COMMON, 0x8560, "ReminderSignalTime" },
	{ COMMON, 0x8586, "ContactLinkName" },
	{ JOURNAL, 0x8700, "LogType" },
	{ JOURNAL, 0x8706, "LogStart" },
	{ JOURNAL, 0x8707, "LogDuration" },
	{ JOURNAL, 0x8708, "LogEnd" },
	{ JOURNAL, 0x8712, "LogTypeDesc" },
	{ NOTE, 0x8B00, "NoteColor" },
	{ NOTE, 0x8B02, "NoteWidth" },
	{ NOTE, 0x8B03, "NoteHeight" },
	{ NOTE, 0x8B04, "NoteX" },
	{ NOTE, 0x8B05, "NoteY" },
};

static int by_id(const void *key, const void *row)
{
	return *(const uint16_t *)key - ((const struct named_tag *)row)->id;
}

const char *propname_tag(uint16_t id)
{
	const struct named_tag *row =
		bsearch(&id, tags, sizeof(tags) / sizeof(tags[0]),
			sizeof(tags[0]), by_id);

	return row != NULL ? row->name : NULL;
}

const char *propname_lid(const uint8_t guid[16], uint32_t lid)
{
	/* {000620xx-0000-0000-C000-000000000046} but for xx */
	static const uint8_t family[15] = { 0x20, 0x06, 0, 0, 0, 0, 0,	 0xC0,
					    0,	  0,	0, 0, 0, 0, 0x46 };

	if (memcmp(guid + 1, family, sizeof(family)) != 0)
		return NULL;
	for (size_t i = 0; i < sizeof(lids) / sizeof(lids[0]); i++)
		if (lids[i].set == guid[0] && lids[i].lid == lid)
			return lids[i].name;
	return NULL;
}
