using System.Reflection;

namespace Exchange.EventStore.Migrations;

/// <summary>The numbered SQL files of one assembly: embedded resources named `…Migrations.NNNN_words.sql`, applied in order of number.</summary>
/// <param name="Name">Stable name, kept in the database with what was applied, for example `log`.</param>
/// <param name="Assembly">Assembly that embeds the files.</param>
public sealed record MigrationSource(string Name, Assembly Assembly)
{
    /// <summary>The event store's own tables; always first.</summary>
    public static MigrationSource EventStore { get; } = new("log", typeof(MigrationSource).Assembly);
}
