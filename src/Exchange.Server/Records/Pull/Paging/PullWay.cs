namespace Exchange.Server.Records.Pull.Paging;

/// <summary>How a page finds its rows.</summary>
internal enum PullWay
{
    /// <summary>In the reader's order, however the database likes.</summary>
    Ordered,

    /// <summary>Not known yet: indexes could propose the rows, and a sample tells whether they should.</summary>
    Look,

    /// <summary>One partition's rows one after the other, in the order they were opened: as dear as there are rows, however few pass.</summary>
    Walk,

    /// <summary>The rows that indexes propose, which are then sorted: as dear as there are proposals.</summary>
    Index,
}
