namespace Grpc.Core;

/// <summary>Version of the gRPC for .NET API, as its package of this name states it.</summary>
public static class VersionInfo
{
    /// <summary>Version of the assembly, the same for all of 2.x.</summary>
    public const string CurrentAssemblyVersion = "2.0.0.0";

    /// <summary>Version of the file.</summary>
    public const string CurrentAssemblyFileVersion = "2.66.0.0";

    /// <summary>Version of the API.</summary>
    public const string CurrentVersion = "2.66.0-dev";
}
