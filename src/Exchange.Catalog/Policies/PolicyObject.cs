namespace Exchange.Catalog;

/// <summary>The words of policy rows for what they are about, as the hub's model and its `g2` rows use them.</summary>
public static class PolicyObject
{
    /// <summary>Every field of every resource.</summary>
    public const string Everything = "*";

    /// <summary>`categories/{code}`.</summary>
    public static string Of(CategoryCode category) => $"categories/{category}";

    /// <summary>`resources/{id}`.</summary>
    public static string Of(ResourceId resource) => $"resources/{resource}";

    /// <summary>`resources/{id}/fields/{name}`.</summary>
    public static string Of(ResourceId resource, string field) => $"resources/{resource}/fields/{field}";
}
