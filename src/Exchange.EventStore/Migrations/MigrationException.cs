namespace Exchange.EventStore.Migrations;

/// <summary>The database's migrations do not fit this program: an applied file was changed, or the database is newer.</summary>
public sealed class MigrationException : Exception
{
    /// <summary>Says what does not fit and what to do.</summary>
    public MigrationException(string message)
        : base(message)
    {
    }
}
