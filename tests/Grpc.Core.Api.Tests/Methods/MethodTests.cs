namespace Grpc.Core.Api.Tests.Methods;

public sealed class MethodTests
{
    [Fact]
    public void Its_full_name_is_the_path_of_the_call()
    {
        var method = new Method<string, string>(MethodType.Unary, "exchange.v1.Records", "Get", Marshallers.StringMarshaller, Marshallers.StringMarshaller);

        Assert.Equal("/exchange.v1.Records/Get", method.FullName);
        Assert.Equal("/exchange.v1.Records/Get", ((IMethod)method).FullName);
        Assert.Equal(("exchange.v1.Records", "Get", MethodType.Unary), (method.ServiceName, method.Name, method.Type));
    }

    [Fact]
    public void It_keeps_the_marshallers_of_its_messages()
    {
        var request = Marshallers.Create(BitConverter.GetBytes, bytes => BitConverter.ToInt32(bytes));

        var method = new Method<int, string>(MethodType.DuplexStreaming, "s", "m", request, Marshallers.StringMarshaller);

        Assert.Same(request, method.RequestMarshaller);
        Assert.Same(Marshallers.StringMarshaller, method.ResponseMarshaller);
    }

    [Fact]
    public void Null_is_refused()
    {
        var text = Marshallers.StringMarshaller;

        Assert.Throws<ArgumentNullException>(() => new Method<string, string>(MethodType.Unary, null!, "m", text, text));
        Assert.Throws<ArgumentNullException>(() => new Method<string, string>(MethodType.Unary, "s", null!, text, text));
        Assert.Throws<ArgumentNullException>(() => new Method<string, string>(MethodType.Unary, "s", "m", null!, text));
        Assert.Throws<ArgumentNullException>(() => new Method<string, string>(MethodType.Unary, "s", "m", text, null!));
    }
}
