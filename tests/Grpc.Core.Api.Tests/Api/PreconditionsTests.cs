using Grpc.Core.Utils;

namespace Grpc.Core.Api.Tests.Api;

public sealed class PreconditionsTests
{
    [Fact]
    public void A_condition_on_an_argument_throws_unless_it_holds()
    {
        GrpcPreconditions.CheckArgument(true);
        GrpcPreconditions.CheckArgument(true, "unused");

        Assert.Throws<ArgumentException>(() => GrpcPreconditions.CheckArgument(false));
        Assert.Equal("why", Assert.Throws<ArgumentException>(() => GrpcPreconditions.CheckArgument(false, "why")).Message);
    }

    [Fact]
    public void A_condition_on_state_throws_unless_it_holds()
    {
        GrpcPreconditions.CheckState(true);
        GrpcPreconditions.CheckState(true, "unused");

        Assert.Throws<InvalidOperationException>(() => GrpcPreconditions.CheckState(false));
        Assert.Equal("why", Assert.Throws<InvalidOperationException>(() => GrpcPreconditions.CheckState(false, "why")).Message);
    }

    [Fact]
    public void A_reference_is_given_back_unless_it_is_null()
    {
        Assert.Equal("here", GrpcPreconditions.CheckNotNull("here"));
        Assert.Equal("here", GrpcPreconditions.CheckNotNull("here", "name"));

        Assert.Throws<ArgumentNullException>(() => GrpcPreconditions.CheckNotNull<string>(null!));
        Assert.Equal("name", Assert.Throws<ArgumentNullException>(() => GrpcPreconditions.CheckNotNull<string>(null!, "name")).ParamName);
    }

    [Fact]
    public void The_version_of_the_assembly_is_the_stated_one() =>
        Assert.Equal(VersionInfo.CurrentAssemblyVersion, typeof(VersionInfo).Assembly.GetName().Version?.ToString());
}
