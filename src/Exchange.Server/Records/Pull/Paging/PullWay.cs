namespace Exchange.Server.Records.Pull.Paging;

/// <summary>How a page finds its rows.</summary>
internal enum PullWay
{
    /// <summary>In the reader's order, however the database likes.</summary>
    Ordered,

    /// <summary>One partition's rows one after the other, by the primary key: as dear as there are rows, however few pass.</summary>
    Walk,

    /// <summary>As a walk, but of a few rows only: a sample of how many pass.</summary>
    Look,

    /// <summary>The rows that indexes propose, which are then sorted: as dear as there are proposals.</summary>
    Index,
}
