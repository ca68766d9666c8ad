using Exchange.Catalog;
using Exchange.Catalog.Governance;

namespace Exchange.Server.Records;

/// <summary>The newest state of governance; refused when this node cannot confirm in time that it is the newest.</summary>
internal delegate Task<Result<GovernanceState>> CurrentGovernance(CancellationToken cancellationToken);
