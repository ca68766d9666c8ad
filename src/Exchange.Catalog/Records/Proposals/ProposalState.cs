namespace Exchange.Catalog.Records;

/// <summary>What became of a proposal or dispute; numbers as in the proto and the log.</summary>
public enum ProposalState
{
    /// <summary>Not used.</summary>
    Unspecified = 0,

    /// <summary>Waits for the owner.</summary>
    Open = 1,

    /// <summary>The owner took it over, all of it or some fields.</summary>
    Accepted = 2,

    /// <summary>The owner declined it.</summary>
    Declined = 3,

    /// <summary>Its maker took it back.</summary>
    Withdrawn = 4,

    /// <summary>The owner did not answer in time.</summary>
    Lapsed = 5,
}
