using Exchange.Protos.V1;
using static Exchange.Server.Tests.Matrix.MatrixCity;

namespace Exchange.Server.Tests.Matrix;

/// <summary>Records, feed, audit and policies. The reader's grant is for rows that there are none of, so the owner's record is hidden from it.</summary>
internal static class RecordRows
{
    private const string SystemsAlone = "ROLE ROLE | ROLE ROLE ROLE ROLE ROLE | OK OK OK";
    private const string RecordOfOwner = "ROLE ROLE | ROLE ROLE ROLE ROLE ROLE | OK NO_RECORD NO_RECORD";
    private const string NoProposal = "NO_PROPOSAL";
    private const string ProposalOfTwo = $"OK OK | OK OK {NoProposal} {NoProposal} {NoProposal} | OK OK {NoProposal}";
    private const string WholeLog = "OK OK | ROLE ROLE ROLE ROLE ROLE | ROLE ROLE ROLE";

    //                                  operator auditor | stewards: owner reader stranger authority supervision | systems: owner reader stranger
    public static MatrixRow[] All { get; } =
    [
        new("RecordsService.Push", "no batch yet, of the owner's source system", city => new PushRequest { Header = Header(city) }, "ROLE ROLE | ROLE ROLE ROLE ROLE ROLE | OK SYSTEM SYSTEM"),
        new("RecordsService.PushBatch", "one record, of the owner's source system",
            city => new PushBatchRequest { Header = Header(city), Batch = new PushedBatch { Sequence = 1, Records = { new PushedRecord { SourceId = "1", Values = { new Value { Text = "a pipe leaks" } } } } } },
            "ROLE ROLE | ROLE ROLE ROLE ROLE ROLE | OK SYSTEM SYSTEM"),
        new("RecordsService.Pull", "what each may see, maybe no row", _ => new PullRequest { Resource = "resources/matrix", Purpose = Purpose.Analysis }, SystemsAlone),
        new("RecordsService.GetRecord", "of the owner: hidden from the others", city => new GetRecordRequest { Name = city.Record, Purpose = Purpose.Analysis }, RecordOfOwner,
            _ => new GetRecordRequest { Name = NoRecord, Purpose = Purpose.Analysis }),
        new("RecordsService.GetRecordHistory", "of the owner: hidden from the others", city => new GetRecordHistoryRequest { Name = city.Record, Purpose = Purpose.Analysis }, RecordOfOwner,
            _ => new GetRecordHistoryRequest { Name = NoRecord, Purpose = Purpose.Analysis }),
        new("ProposalsService.DisputeValue", "of the owner: hidden from the others; BAD is who may read it, and gives no such version",
            city => new DisputeValueRequest { Record = city.Record, Field = "content", Purpose = Purpose.Analysis, ReadVersion = 99, Reason = "a test", RequestId = city.Fresh() },
            RecordOfOwner.Replace("OK", "BAD", StringComparison.Ordinal),
            city => new DisputeValueRequest { Record = NoRecord, Field = "content", Purpose = Purpose.Analysis, ReadVersion = 99, Reason = "a test", RequestId = city.Fresh() }),
        new("ProposalsService.GetProposal", "of the reader to the owner", city => new GetProposalRequest { Name = city.Proposal, Purpose = Purpose.Analysis }, ProposalOfTwo,
            city => new GetProposalRequest { Name = city.NoProposalLike(city.Proposal), Purpose = Purpose.Analysis }),
        new("ProposalsService.ListProposals", "received by the owner", _ => new ListProposalsRequest { Parent = "departments/owner" }, "OK OK | OK OWN OWN OWN OWN | OK OWN OWN"),
        new("ProposalsService.ListProposals", "made by the reader", _ => new ListProposalsRequest { Parent = "departments/reader", Made = true }, "OK OK | OWN OK OWN OWN OWN | OWN OK OWN"),
        new("ProposalsService.ReviewProposal", "the owner's to decide, with a version that the record is not at",
            city => new ReviewProposalRequest { Name = city.Proposal, Verdict = ReviewVerdict.Approve, RecordVersion = 99 },
            $"OWN OWN | VERSION OWN {NoProposal} {NoProposal} {NoProposal} | VERSION OWN {NoProposal}",
            city => new ReviewProposalRequest { Name = city.NoProposalLike(city.Proposal), Verdict = ReviewVerdict.Approve, RecordVersion = 99 }),
        new("ProposalsService.WithdrawProposal", "the reader's to take back, again", city => new WithdrawProposalRequest { Name = city.WithdrawnProposal },
            $"STATE STATE | STATE OK {NoProposal} {NoProposal} {NoProposal} | STATE OK {NoProposal}", city => new WithdrawProposalRequest { Name = city.NoProposalLike(city.WithdrawnProposal) }),
        new("FeedService.Follow", "what each may see", _ => new FollowRequest { Resource = "resources/matrix", Purpose = Purpose.Analysis }, SystemsAlone),

        new("AuditService.ListAuditEntries", "what each may see", _ => new ListAuditEntriesRequest(), "OK OK | OK OK OK OK OK | ROLE ROLE ROLE"),
        new("AuditService.ListAuditEntries", "who read the owner's fields", _ => new ListAuditEntriesRequest { Owner = "departments/owner" }, "OK OK | OK OWN OWN OWN OWN | ROLE ROLE ROLE"),
        new("AuditService.ListAuditEntries", "what the reader read", _ => new ListAuditEntriesRequest { Department = "departments/reader" }, "OK OK | OWN OK OWN OWN OWN | ROLE ROLE ROLE"),
        new("AuditService.ListEvents", "of governance", _ => new ListEventsRequest { Partition = 0 }, WholeLog),
        new("AuditService.VerifyLog", "of governance", _ => new VerifyLogRequest { Partition = 0 }, WholeLog),
        new("AuditService.ListRefusedRequests", "all", _ => new ListRefusedRequestsRequest(), WholeLog),

        new("PolicyService.SetPolicyRow", "a new one of the owner", city => new SetPolicyRowRequest { PolicyRow = RowOf("owner", city.Fresh()) }, "OK ROLE | OK OWN OWN OWN OWN | ROLE ROLE ROLE"),
        new("PolicyService.SetPolicyRow", "a new one for everybody", city => new SetPolicyRowRequest { PolicyRow = RowOf("", city.Fresh()) }, "OK ROLE | ROLE ROLE ROLE ROLE ROLE | ROLE ROLE ROLE"),
        new("PolicyService.RemovePolicyRow", "one that is not there", _ => new RemovePolicyRowRequest { Name = "policyRows/absent", Reason = "a test" },
            "NO_POLICY_ROW ROLE | NO_POLICY_ROW NO_POLICY_ROW NO_POLICY_ROW NO_POLICY_ROW NO_POLICY_ROW | ROLE ROLE ROLE"),
        new("PolicyService.ListPolicyRows", "all", _ => new ListPolicyRowsRequest(), "OK OK | OK OK OK OK OK | ROLE ROLE ROLE"),
        new("PolicyService.ListPolicyChanges", "all", _ => new ListPolicyChangesRequest(), "OK OK | OK OK OK OK OK | ROLE ROLE ROLE"),
        new("PolicyService.Explain", "what the reader may read of the owner's resource", _ => new ExplainRequest { Department = "departments/reader", Resource = "resources/matrix", Purpose = Purpose.Analysis },
            "OK OK | OK OK OWN OWN OWN | OWN OK OWN"),
        new("PolicyService.Simulate", "a row of the owner: every steward may try it, nothing is stored", _ => new SimulateRequest { SetRows = { RowOf("owner", "tried") } }, "OK ROLE | OK OK OK OK OK | ROLE ROLE ROLE"),
        new("PolicyService.Lint", "all", _ => new LintRequest(), "OK ROLE | OK OK OK OK OK | ROLE ROLE ROLE"),
    ];

    private static PushHeader Header(MatrixCity city) => new() { Resource = "resources/matrix", SourceSystem = "owner", PushId = city.Fresh(), Fields = { "content" } };

    private static PolicyRow RowOf(string department, string id) => new()
    {
        Name = $"policyRows/{id}",
        Department = department.Length is 0 ? "" : $"departments/{department}",
        Subject = "departments/supervision",
        Object = "resources/matrix",
        Actions = { PolicyAction.Match },
        Effect = PolicyEffect.Deny,
        Reason = "a test",
    };
}
