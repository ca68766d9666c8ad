using Exchange.Catalog;
using Exchange.Server.Departments;
using Exchange.Server.Governance;
using Google.Protobuf.WellKnownTypes;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Access.Agreements;

/// <summary>Turns agreements into messages and back.</summary>
internal static class AgreementMap
{
    /// <summary>The name of an agreement; empty for none.</summary>
    public static string NameOf(AgreementId? id) => id is { } agreement ? $"{DepartmentMap.NameOf(agreement.Department)}/agreements/{agreement.Value}" : "";

    /// <summary>The agreement that a name inside a message means; null for none, and a malformed one never is one.</summary>
    public static AgreementId? IdIn(string name) =>
        name.Length is 0 ? null : ResourceNames.Agreement("agreement", name) is { IsRefused: false, Value: var id } ? id : new AgreementId(default, name);

    /// <summary>The agreement as a message.</summary>
    public static Proto.Agreement ToProto(this Agreement agreement) => new()
    {
        Name = NameOf(agreement.Id),
        Version = agreement.Version,
        Title = agreement.Title,
        Text = agreement.Text,
        Terms =
        {
            agreement.Terms.Select(term => new Proto.AgreementTerm
            {
                Kind = (Proto.TermKind)term.Kind,
                Party = (Proto.TermParty)term.Party,
                Duty = (Proto.TermDuty)term.Duty,
                WithinDays = term.WithinDays,
                Text = term.Text,
            }),
        },
        PublishTime = Timestamp.FromDateTimeOffset(agreement.PublishTime),
        Etag = agreement.Etag,
    };

    /// <summary>The message as an agreement of this id, unchecked.</summary>
    public static Agreement ToDomain(this Proto.Agreement agreement, AgreementId id) => new()
    {
        Id = id,
        Version = agreement.Version,
        Title = agreement.Title,
        Text = agreement.Text,
        Terms = [.. agreement.Terms.Select(term => new AgreementTerm((TermKind)term.Kind, (TermParty)term.Party, (TermDuty)term.Duty, term.WithinDays, term.Text))],
        PublishTime = Timestamps.Read(agreement.PublishTime) ?? default,
    };

    /// <summary>A stored agreement.</summary>
    public static Agreement ToDomain(this Proto.Agreement agreement) => agreement.ToDomain(ResourceNames.Agreement("name", agreement.Name).Value);
}
