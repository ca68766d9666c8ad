using System.Collections.Immutable;
using Exchange.Catalog;
using Exchange.Catalog.Records;

namespace Exchange.Server.Records.Proposals;

/// <summary>What a unit does to one record in the place of a push.</summary>
internal abstract record ProposalStep
{
    private ProposalStep()
    {
    }

    /// <summary>Disputes a value.</summary>
    /// <param name="FieldIndex">Whose.</param>
    /// <param name="ReadVersion">Version of the record that it was read at.</param>
    /// <param name="Reason">Why.</param>
    /// <param name="HasValue">True when the unit's batch tells what it should be.</param>
    public sealed record Dispute(int FieldIndex, long ReadVersion, string Reason, bool HasValue) : ProposalStep;

    /// <summary>Ends a proposal: writes the values of the unit's batch when it accepts.</summary>
    /// <param name="Version">The proposal.</param>
    /// <param name="State">What it becomes.</param>
    /// <param name="Accepted">Numbers of the accepted fields.</param>
    /// <param name="Reason">Why.</param>
    /// <param name="RecordVersion">Version that the record must be at; 0 for any.</param>
    /// <param name="Check">Asked on the proposal as it stands then; null when it may be done.</param>
    public sealed record Decision(
        long Version, ProposalState State, ImmutableArray<int> Accepted, string Reason, long RecordVersion, Func<Proposal, DateTimeOffset, Refusal?> Check) : ProposalStep
    {
        /// <summary>True when a refusal just leaves the record out of the unit.</summary>
        public bool MaySkip { get; init; }
    }
}
