namespace Exchange.Policy.Matchers;

/// <summary>An object of a request whose attributes a matcher reads (`r.sub.age`). Implemented by the caller, so that nothing is read by reflection.</summary>
public interface IPolicyAttributes
{
    /// <summary>The attribute of that name (case matters); false when there is none, which fails the matcher and so denies.</summary>
    bool TryGetAttribute(string name, out PolicyValue value);
}
