using Exchange.Server.Access;
using Exchange.Server.Audit;
using Exchange.Server.Catalog;
using Exchange.Server.Departments;
using Exchange.Server.Feed;
using Exchange.Server.Governance;
using Exchange.Server.Grpc;
using Exchange.Server.Hosting;
using Exchange.Server.Identity.Registry;
using Exchange.Server.Identity.Users;
using Exchange.Server.Identity;
using Exchange.Server.Inbox;
using Exchange.Server.Policies;
using Exchange.Server.Records;
using Exchange.Server.Settings;

namespace Exchange.Server;

/// <summary>The hub's table of contents: one line for each feature in each list.</summary>
public static class Program
{
    /// <summary>Runs one node of the hub; <c>--help</c> lists its settings.</summary>
    public static Task<int> Main(string[] arguments) => HubProcess.RunAsync(arguments);

    /// <summary>Services of every feature. What they start, starts in this order, before the node listens.</summary>
    internal static void AddFeatures(WebApplicationBuilder builder)
    {
        builder.Services.AddGrpcEdge();
        builder.Services.AddGovernance();
        builder.Services.AddIdentity();
        builder.Services.AddUsers();
        builder.Services.AddClientRegistry();
        builder.Services.AddDepartments();
        builder.Services.AddCatalog();
        builder.Services.AddSettings();
        builder.Services.AddAccess();
        builder.Services.AddInbox();
        builder.Services.AddPolicies();
        builder.Services.AddRecords();
        builder.Services.AddFeed();
        builder.Services.AddAudit();
    }

    /// <summary>What every feature serves.</summary>
    internal static void MapFeatures(WebApplication application)
    {
        application.MapGrpcEdge();
        application.MapIdentity();
        application.MapUsers();
        application.MapClientRegistry();
        application.MapDepartments();
        application.MapCatalog();
        application.MapSettings();
        application.MapAccess();
        application.MapInbox();
        application.MapPolicies();
        application.MapRecords();
        application.MapFeed();
        application.MapAudit();
    }
}
