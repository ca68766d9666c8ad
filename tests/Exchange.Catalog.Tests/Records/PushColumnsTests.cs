using Exchange.Catalog.Records;

namespace Exchange.Catalog.Tests.Records;

public class PushColumnsTests
{
    private static Result<PushColumns> Resolve(Caller caller, string system, params string[] fields) =>
        PushColumns.Resolve(Push.Governance, caller, new(City.Complaint, system, fields, UnownedFields.Unspecified, Purpose.Unspecified), City.Noon);

    [Fact]
    public void Only_a_department_system_pushes_and_only_from_its_own_systems()
    {
        Assert.Equal(RefusalReason.RoleRequired, Resolve(Push.Hotline with { Role = Role.Operator }, "hotline", "title").Refusal?.Reason);
        Assert.Equal(RefusalReason.NotOwnSourceSystem, Resolve(Push.Hotline, "forum", "title").Refusal?.Reason);
        Assert.Equal(RefusalReason.NotOwnSourceSystem, Resolve(Push.Hotline, "nothing", "title").Refusal?.Reason);
        Assert.False(Resolve(Push.Hotline, "hotline", "title").IsRefused);
    }

    [Fact]
    public void Every_bad_field_of_a_header_is_told_at_once()
    {
        Assert.Equal(["header.fields[1] UNKNOWN_FIELD", "header.fields[2] DUPLICATE"], Resolve(Push.Hotline, "hotline", "title", "titel", "title").Violations());
        Assert.Equal(["header.fields COUNT"], Resolve(Push.Hotline, "hotline").Violations());
    }

    [Fact]
    public void An_unknown_resource_is_not_found()
    {
        var result = PushColumns.Resolve(Push.Governance, Push.Hotline, new(new("permit"), "hotline", ["title"], UnownedFields.Reject, Purpose.Unspecified), City.Noon);

        Assert.Equal(RefusalReason.ResourceNotFound, result.Refusal?.Reason);
    }

    [Fact]
    public void One_record_has_one_id_however_it_is_named()
    {
        var own = Push.Columns(Push.Hotline, ["title"]);
        var other = Push.Columns(Push.Revisit, ["visits"]);

        own.TryResolve(RecordReference.Own("T1"), out var opened, out _);
        other.TryResolve(RecordReference.OpenedAs("hotline", "T1"), out var named, out _);
        other.TryResolve(RecordReference.ById(opened), out var byId, out _);
        other.TryResolve(RecordReference.Own("T1"), out var foreign, out _);

        Assert.Equal((opened, opened), (named, byId));
        Assert.NotEqual(opened, foreign);
    }

    [Fact]
    public void A_reference_has_a_system_and_a_number_of_1_to_200_characters()
    {
        var columns = Push.Columns(Push.Hotline, ["title"]);
        RecordReference[] bad =
        [
            default, RecordReference.Own(""), RecordReference.Own(new string('1', 201)), RecordReference.Own("a\0"), RecordReference.OpenedAs("No system", "1"),
        ];

        Assert.All(bad, reference =>
        {
            Assert.False(columns.TryResolve(reference, out _, out var error));
            Assert.Equal(FieldError.InvalidReference, error?.Reason);
        });
    }

    [Fact]
    public void Ids_of_records_never_change()
    {
        // Stored ids rest on this value: a failure here means that every record would be opened a second time.
        // Computed with Python's uuid.uuid5 in the namespace 6f1d1f3c-52a6-4a58-9f0e-2b7b000c9e41.
        Assert.Equal("af373671-a19e-5b92-86d4-0d7c6cb24487", RecordId.Create(City.Complaint, "hotline", "T1").ToString());
        Assert.NotEqual(RecordId.Create(new("ab"), "c", "d"), RecordId.Create(new("a"), "bc", "d"));
        Assert.NotEqual(RecordId.Create(City.Complaint, "hotline", new string('长', 200)), RecordId.Create(City.Complaint, "hotline", new string('长', 199)));
    }
}
