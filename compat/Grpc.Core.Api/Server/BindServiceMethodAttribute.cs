namespace Grpc.Core;

/// <summary>Names the method that binds a service's handlers; stands on generated service base classes.</summary>
[AttributeUsage(AttributeTargets.Class)]
public class BindServiceMethodAttribute : Attribute
{
    /// <summary>Names the method and the type that has it.</summary>
    public BindServiceMethodAttribute(Type bindType, string bindMethodName)
    {
        BindType = bindType;
        BindMethodName = bindMethodName;
    }

    /// <summary>The type that has the method.</summary>
    public Type BindType { get; }

    /// <summary>Name of the method.</summary>
    public string BindMethodName { get; }
}
