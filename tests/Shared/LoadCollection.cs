namespace Exchange.Testing;

/// <summary>Tests that load the whole machine run alone: others would wait for it longer than they have patience.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class LoadCollection
{
    public const string Name = "load";
}
