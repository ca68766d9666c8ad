using Exchange.Server.Governance;
using Exchange.Server.Hosting;
using Exchange.Server.Records.Deciding;
using Exchange.Server.Records.Proposals;
using Exchange.Server.Records.Pull;
using Exchange.Server.Records.Push;
using Exchange.Server.Records.Reading;
using Exchange.Server.Records.Subjects;
using Grpc.AspNetCore.Server.Model;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Exchange.Server.Records;

/// <summary>Registers the records feature.</summary>
internal static class RecordsRegistration
{
    /// <summary>Adds the service with what writes and reads records.</summary>
    public static void AddRecords(this IServiceCollection services)
    {
        services.TryAddSingleton<SubjectTables>();
        services.AddSingleton<CurrentGovernance>(provider => provider.GetRequiredService<GovernanceStore>().ConfirmAsync);
        services.AddSingleton(provider => new RecordAppendHandler(provider.GetRequiredService<GovernanceStore>().Confirm, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new PushFingerprint(provider.GetRequiredService<HubSecrets>().Derive(PushFingerprint.Use)));
        services.AddSingleton<RecordPusher>();
        services.AddSingleton<CurrentRecords>();
        services.AddSingleton<RecordReader>();
        services.AddSingleton<RecordEndpoint>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IServiceMethodProvider<RecordEndpoint>, RecordEndpoint.Methods>());
        services.AddSingleton<RecordHistory>();
        services.AddSingleton<PullPageTokens>();
        services.AddSingleton<RecordPuller>();
        services.AddSingleton<PullEndpoint>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IServiceMethodProvider<PullEndpoint>, PullEndpoint.Methods>());
        services.AddSingleton<PushEndpoint>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IServiceMethodProvider<PushEndpoint>, PushEndpoint.Methods>());
        services.AddSingleton<RecordsService>();
        services.AddSingleton<ProposalTable>();
        services.AddSingleton<ProposalReader>();
        services.AddSingleton<ProposalWriter>();
        services.AddSingleton<ProposalsService>();
        services.AddSingleton<ProposalNotices>();
        services.AddHostedService<ProposalRunner>();
    }

    /// <summary>Serves it.</summary>
    public static void MapRecords(this WebApplication application)
    {
        application.MapGrpcService<RecordsService>();
        application.MapGrpcService<ProposalsService>();
        application.MapGrpcService<RecordEndpoint>().WithOrder(-1);
        application.MapGrpcService<PullEndpoint>().WithOrder(-1);
        application.MapGrpcService<PushEndpoint>().WithOrder(-1);
    }
}
