using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.Policy.Conditions;
using Exchange.Server.Records.Subjects;
using Exchange.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Exchange.Server.Tests.Records.Subjects;

/// <summary>A database with the tables that subject tables stand beside, and invented resources.</summary>
public sealed class SubjectFixture : IAsyncLifetime
{
    private static readonly CodeList Statuses = new(new CodeListId("statuses"), 1, [new CodeEntry { Code = "open" }], [new SourcedCode("open", "city-a", "1")]);

    internal static readonly FieldDefinition[] EveryType =
    [
        Field(1, "title", FieldType.Text),
        Field(2, "amount", FieldType.Integer),
        Field(3, "fee", FieldType.Decimal),
        Field(4, "confidential", FieldType.Boolean),
        Field(5, "due", FieldType.Date),
        Field(6, "opened_at", FieldType.Timestamp),
        Field(7, "status", FieldType.Code) with { CodeList = Statuses.Id },
        Field(8, "tags", FieldType.TextList),
        Field(9, "place", FieldType.Point),
        Field(10, "content", FieldType.Text) with { Searchable = true },
        Field(11, "version", FieldType.Text),
    ];

    private NpgsqlDataSource? database;

    internal NpgsqlDataSource Database => database ?? throw new InvalidOperationException("not initialised");

    internal SubjectTables Tables => new(Database, TimeProvider.System, NullLogger<SubjectTables>.Instance);

    public async ValueTask InitializeAsync()
    {
        database = NpgsqlDataSource.Create(await TestPostgres.CreateDatabaseAsync("subjects"));
        await using var command = database.CreateCommand(
            """
            CREATE SCHEMA log; CREATE TABLE log.log_partition (partition int PRIMARY KEY); INSERT INTO log.log_partition VALUES (8), (1);
            CREATE SCHEMA catalog; CREATE TABLE catalog.publication (resource text PRIMARY KEY)
            """);
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync() => await Database.DisposeAsync();

    /// <summary>A resource as it stands where the list of statuses maps codes of sources.</summary>
    internal static ResourceDefinition Resource(string id, int revision, params FieldDefinition[] fields) => GovernanceState.Empty
        .Apply(new GovernanceEvent.CodeListPublished(Statuses), 1)
        .Apply(new GovernanceEvent.ResourcePublished(new(new ResourceId(id), revision, fields) { Department = new DepartmentId("centre") }), 2)
        .Resources[id];

    internal static FieldDefinition Field(int number, string name, FieldType type) => new()
    {
        Number = number,
        Name = name,
        Type = type,
        Owner = new OwnerRule.Opener(),
        Level = Level.Public,
        SharingClass = SharingClass.Unconditional,
        OpenClass = OpenClass.NotOpen,
    };

    internal async Task ExecuteAsync(SubjectSql sql)
    {
        await using var connection = await Database.OpenConnectionAsync();
        await using var command = sql.ToCommand(connection);
        await command.ExecuteNonQueryAsync();
    }

    internal async Task<T> ScalarAsync<T>(string query)
    {
        await using var command = Database.CreateCommand(query);
        return (T)(await command.ExecuteScalarAsync())!;
    }
}
