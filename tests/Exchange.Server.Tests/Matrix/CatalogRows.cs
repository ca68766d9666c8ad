using Exchange.Protos.V1;
using static Exchange.Server.Tests.Matrix.MatrixCity;

namespace Exchange.Server.Tests.Matrix;

/// <summary>Departments, catalog, drafts, sharing lists, settings and agreements. The same content again changes nothing: so a permitted call is OK as often as it comes.</summary>
internal static class CatalogRows
{
    private const string Draft = "resources/matrix_hidden/draft";
    private const string NoDraft = "resources/matrix_absent/draft";
    private const string Everybody = "OK OK | OK OK OK OK OK | OK OK OK";
    private const string OperatorAlone = "OK ROLE | ROLE ROLE ROLE ROLE ROLE | ROLE ROLE ROLE";

    //                                  operator auditor | stewards: owner reader stranger authority supervision | systems: owner reader stranger
    public static MatrixRow[] All { get; } =
    [
        new("DepartmentsService.CreateDepartment", "a new department",
            city => new CreateDepartmentRequest { DepartmentId = city.Fresh(), Department = new Department { DisplayName = "New", Level = AdministrativeLevel.City } }, OperatorAlone),
        new("DepartmentsService.UpdateDepartment", "of the owner",
            _ => new UpdateDepartmentRequest { Department = new Department { Name = "departments/owner", DisplayName = "owner" } }, OperatorAlone),
        new("DepartmentsService.GetDepartment", "of the owner", _ => new GetDepartmentRequest { Name = "departments/owner" }, Everybody),
        new("DepartmentsService.ListDepartments", "all", _ => new ListDepartmentsRequest(), Everybody),

        new("CatalogService.DefineCategories", "the hub's", _ => new DefineCategoriesRequest { Categories = { new Category { Name = "categories/matrix", DisplayName = "Matrix" } } }, OperatorAlone),
        new("CatalogService.ListCategories", "all", _ => new ListCategoriesRequest(), Everybody),
        new("CatalogService.PublishCodeList", "the hub's", _ => new PublishCodeListRequest { CodeList = List }, OperatorAlone),
        new("CatalogService.GetCodeList", "the hub's", _ => new GetCodeListRequest { Name = "codeLists/matrix" }, Everybody),
        new("CatalogService.PublishResource", "of the owner, who must write a draft instead", _ => new PublishResourceRequest { Resource = Published }, OperatorAlone),
        new("CatalogService.GetResource", "of the owner", _ => new GetResourceRequest { Name = "resources/matrix" }, Everybody),
        new("CatalogService.GetResource", "one that is only a draft: for everybody there is no resource yet",
            _ => new GetResourceRequest { Name = "resources/matrix_hidden" },
            "NO_RESOURCE NO_RESOURCE | NO_RESOURCE NO_RESOURCE NO_RESOURCE NO_RESOURCE NO_RESOURCE | NO_RESOURCE NO_RESOURCE NO_RESOURCE",
            _ => new GetResourceRequest { Name = "resources/matrix_absent" }),
        new("CatalogService.SearchCatalog", "all", _ => new SearchCatalogRequest(), Everybody),
        new("CatalogService.ListResourceRevisions", "of the owner", _ => new ListResourceRevisionsRequest { Parent = "resources/matrix" }, Everybody),
        new("CatalogService.CompareResourceRevisions", "of the owner", _ => new CompareResourceRevisionsRequest { Name = "resources/matrix" }, Everybody),
        new("CatalogService.ListResources", "all", _ => new ListResourcesRequest(), Everybody),
        new("CatalogService.UpdateSharingList", "of the owner: its steward alone, the operator publishes but does not share",
            _ => new UpdateSharingListRequest { SharingList = new SharingList { Name = "departments/owner/sharingLists/matrix", Etag = "stale", Entries = { new SharingEntry { Field = "content", Level = Level.Public, SharingClass = SharingClass.Conditional, Condition = "ask", OpenClass = OpenClass.NotOpen, OpenBasis = Governance.GovernanceHub.Because } } } },
            "ROLE ROLE | ETAG OWN OWN OWN OWN | ROLE ROLE ROLE"),
        new("CatalogService.GetSharingList", "of the owner", _ => new GetSharingListRequest { Name = "departments/owner/sharingLists/matrix" }, Everybody),

        new("ResourceDraftsService.SaveResourceDraft", "of the owner; the same again, which changes nothing whatever the etag", _ => new SaveResourceDraftRequest { Resource = ResourceOf("matrix_hidden"), Etag = "stale" },
            "OK ROLE | OK OWN OWN OWN OWN | ROLE ROLE ROLE"),
        new("ResourceDraftsService.GetResourceDraft", "of the owner: to others it is not there", _ => new GetResourceDraftRequest { Name = Draft },
            "OK NO_DRAFT | OK NO_DRAFT NO_DRAFT NO_DRAFT NO_DRAFT | NO_DRAFT NO_DRAFT NO_DRAFT", _ => new GetResourceDraftRequest { Name = NoDraft }),
        new("ResourceDraftsService.ListResourceDrafts", "those the caller may see", _ => new ListResourceDraftsRequest(), Everybody),
        new("ResourceDraftsService.SubmitResourceDraft", "of the owner; ETAG is who may submit it", _ => new SubmitResourceDraftRequest { Name = Draft, Etag = "stale" },
            "ETAG NO_DRAFT | ETAG NO_DRAFT NO_DRAFT NO_DRAFT NO_DRAFT | NO_DRAFT NO_DRAFT NO_DRAFT", _ => new SubmitResourceDraftRequest { Name = NoDraft, Etag = "stale" }),
        new("ResourceDraftsService.ReviewResourceDraft", "of the owner; ETAG is who may review it",
            _ => new ReviewResourceDraftRequest { Name = Draft, Etag = "stale", Verdict = ReviewVerdict.Approve },
            "ETAG NO_DRAFT | ETAG NO_DRAFT NO_DRAFT NO_DRAFT NO_DRAFT | NO_DRAFT NO_DRAFT NO_DRAFT",
            _ => new ReviewResourceDraftRequest { Name = NoDraft, Etag = "stale", Verdict = ReviewVerdict.Approve }),
        new("ResourceDraftsService.DeleteResourceDraft", "of the owner; ETAG is who may give it up", _ => new DeleteResourceDraftRequest { Name = Draft, Etag = "stale" },
            "ETAG NO_DRAFT | ETAG NO_DRAFT NO_DRAFT NO_DRAFT NO_DRAFT | NO_DRAFT NO_DRAFT NO_DRAFT", _ => new DeleteResourceDraftRequest { Name = NoDraft, Etag = "stale" }),
        new("ResourceDraftsService.RequestResourceRevocation", "of the owner; BAD, for want of a reason, is who may ask", _ => new RequestResourceRevocationRequest { Name = "resources/matrix" },
            "BAD ROLE | BAD OWN OWN OWN OWN | ROLE ROLE ROLE"),
        new("ResourceDraftsService.ReviewResourceRevocation", "of the owner, that nobody asked for: STATE is who may review it",
            _ => new ReviewResourceRevocationRequest { Name = "resources/matrix", Etag = "stale", Verdict = ReviewVerdict.Approve }, "STATE ROLE | STATE OWN OWN OWN OWN | ROLE ROLE ROLE"),
        new("ResourceDraftsService.ListResourceRevocations", "of the caller's department, the operator's all", _ => new ListResourceRevocationsRequest(), "OK ROLE | OK OK OK OK OK | ROLE ROLE ROLE"),

        new("SharingListsService.ExportSharingLists", "of the owner", _ => new ExportSharingListsRequest { Parent = "departments/owner" }, Everybody),
        new("SharingListsService.ImportSharingLists", "of the owner; BAD is who may import", _ => new ImportSharingListsRequest { Parent = "departments/owner", Csv = "no,sheet" },
            "ROLE ROLE | BAD OWN OWN OWN OWN | ROLE ROLE ROLE"),

        new("SettingsService.GetHubSettings", "the hub's", _ => new GetHubSettingsRequest(), Everybody),
        new("SettingsService.UpdateHubSettings", "the hub's", _ => new UpdateHubSettingsRequest { Settings = SettingsOfHub }, OperatorAlone),

        new("AgreementsService.PublishAgreement", "of the owner; BAD is who may publish it", _ => new PublishAgreementRequest { Agreement = new Agreement { Name = "departments/owner/agreements/reading" } },
            "BAD ROLE | BAD OWN OWN OWN OWN | ROLE ROLE ROLE"),
        new("AgreementsService.GetAgreement", "of the owner", _ => new GetAgreementRequest { Name = "departments/owner/agreements/reading" }, Everybody),
        new("AgreementsService.ListAgreements", "of the owner", _ => new ListAgreementsRequest { Parent = "departments/owner" }, Everybody),
    ];
}
