using Exchange.Catalog;
using Exchange.Catalog.Governance;

namespace Exchange.Server.Records;

/// <summary>The newest state of governance this node knows; refused while the node could not confirm that it is the newest.</summary>
internal delegate Result<GovernanceState> CurrentGovernance();
