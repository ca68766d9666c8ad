namespace Exchange.Catalog.Records;

/// <summary>Why a field, or the whole record when <paramref name="Field"/> is empty, was refused.</summary>
/// <param name="Field">Field name.</param>
/// <param name="Reason">One of the reasons below; stable.</param>
/// <param name="Message">For people, with the bound and the fix; never a value.</param>
public sealed record FieldError(string Field, string Reason, string Message)
{
    /// <summary>The field belongs to another department.</summary>
    public const string FieldNotOwned = "FIELD_NOT_OWNED";

    /// <summary>A policy row forbids it to the caller.</summary>
    public const string ForbiddenByPolicy = "FORBIDDEN_BY_POLICY";

    /// <summary>The value is not of the field's type.</summary>
    public const string WrongType = "WRONG_TYPE";

    /// <summary>The text or list is longer than the field allows.</summary>
    public const string TooLong = "TOO_LONG";

    /// <summary>The code is not in the field's code list, or retired there.</summary>
    public const string UnknownCode = "UNKNOWN_CODE";

    /// <summary>No code of this code system is mapped in the field's code list.</summary>
    public const string UnknownCodeSystem = "UNKNOWN_CODE_SYSTEM";

    /// <summary>The field's code list does not tell what the source's code means.</summary>
    public const string UnknownSourceCode = "UNKNOWN_SOURCE_CODE";

    /// <summary>The field's code list maps the source's code to another code than the one beside it.</summary>
    public const string SourceCodeMismatch = "SOURCE_CODE_MISMATCH";

    /// <summary>The value lies outside what the type can hold.</summary>
    public const string OutOfRange = "OUT_OF_RANGE";

    /// <summary>The field must have a value.</summary>
    public const string Required = "REQUIRED";

    /// <summary>The field is no longer written.</summary>
    public const string RetiredField = "RETIRED_FIELD";

    /// <summary>There is no such record, and the reference cannot open one.</summary>
    public const string RecordNotFound = "RECORD_NOT_FOUND";

    /// <summary>Equal source version, other content.</summary>
    public const string SourceVersionConflict = "SOURCE_VERSION_CONFLICT";

    /// <summary>Older than the stored source version: nothing changed.</summary>
    public const string StaleSourceVersion = "STALE_SOURCE_VERSION";

    /// <summary>The record was opened by another department under this source system.</summary>
    public const string NotOpener = "NOT_OPENER";

    /// <summary>The reference is missing or does not have the shape it should.</summary>
    public const string InvalidReference = "INVALID_REFERENCE";

    /// <summary>The record does not have one value for each field of the header.</summary>
    public const string ValueCount = "VALUE_COUNT";

    /// <summary>Only the owner may lift confidentiality; others may only set it.</summary>
    public const string OnlyTighten = "ONLY_TIGHTEN";
}
