namespace Exchange.Testing;

/// <summary>Tests that load the whole machine run alone, for others would wait for it longer than they have patience; and those of promised times, which hold on a machine that has them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class LoadCollection
{
    public const string Name = "load";
}
