using System.Buffers;
using System.Text;

namespace Grpc.Core.Api.Tests.Methods;

public sealed class MarshallerTests
{
    [Fact]
    public void Strings_go_through_UTF_8()
    {
        var bytes = Marshallers.StringMarshaller.Serializer("水管漏水");

        Assert.Equal(Encoding.UTF8.GetBytes("水管漏水"), bytes);
        Assert.Equal("水管漏水", Marshallers.StringMarshaller.Deserializer(bytes));
    }

    [Fact]
    public void A_marshaller_over_arrays_serves_contexts()
    {
        var marshaller = Marshallers.Create(Encoding.UTF8.GetBytes, Encoding.UTF8.GetString);
        var written = new Written();

        marshaller.ContextualSerializer("text", written);

        Assert.Equal("text"u8.ToArray(), written.Payload);
        Assert.Equal("text", marshaller.ContextualDeserializer(new Received("text"u8.ToArray())));
    }

    [Fact]
    public void A_marshaller_over_contexts_serves_arrays()
    {
        var marshaller = Marshallers.Create<string>(
            (text, context) => context.Complete(Encoding.UTF8.GetBytes(text)), context => Encoding.UTF8.GetString(context.PayloadAsNewBuffer()));

        Assert.Equal("text"u8.ToArray(), marshaller.Serializer("text"));
        Assert.Equal("text", marshaller.Deserializer("text"u8.ToArray()));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100_000)]
    public void A_marshaller_over_buffer_writers_serves_arrays_of_any_size(int size)
    {
        var marshaller = Marshallers.Create<byte[]>(
            (message, context) =>
            {
                context.SetPayloadLength(message.Length);
                var writer = context.GetBufferWriter();
                foreach (var chunk in message.Chunk(4096))
                {
                    writer.Write(chunk);
                }

                context.Complete();
            },
            context =>
            {
                Assert.Equal(size, context.PayloadLength);
                return context.PayloadAsReadOnlySequence().ToArray();
            });
        var message = new byte[size];
        new Random(1).NextBytes(message);

        Assert.Equal(message, marshaller.Serializer(message));
        Assert.Equal(message, marshaller.Deserializer(message));
    }

    [Fact]
    public void A_wrongly_announced_length_does_not_spoil_the_message()
    {
        var marshaller = Marshallers.Create<string>(
            (text, context) =>
            {
                context.SetPayloadLength(1);
                context.GetBufferWriter().Write(Encoding.UTF8.GetBytes(text));
                context.Complete();
            },
            _ => "");

        Assert.Equal("longer than one"u8.ToArray(), marshaller.Serializer("longer than one"));
    }

    [Fact]
    public void A_message_is_completed_once()
    {
        var twice = Marshallers.Create<string>((_, context) => { context.Complete([]); context.Complete([]); }, _ => "");

        Assert.ThrowsAny<InvalidOperationException>(() => twice.Serializer("text"));
    }

    [Fact]
    public void Each_message_is_written_on_its_own()
    {
        var marshaller = Marshallers.Create<string>(
            (text, context) =>
            {
                context.GetBufferWriter().Write(Encoding.UTF8.GetBytes(text));
                context.Complete();
            },
            _ => "");

        var first = marshaller.Serializer("first");

        Assert.Equal("2"u8.ToArray(), marshaller.Serializer("2"));
        Assert.Equal("first"u8.ToArray(), first);
    }

    [Fact]
    public void Null_functions_are_refused()
    {
        Assert.Throws<ArgumentNullException>(() => new Marshaller<string>((Func<string, byte[]>)null!, Encoding.UTF8.GetString));
        Assert.Throws<ArgumentNullException>(() => new Marshaller<string>(Encoding.UTF8.GetBytes, null!));
        Assert.Throws<ArgumentNullException>(() => new Marshaller<string>((Action<string, SerializationContext>)null!, _ => ""));
        Assert.Throws<ArgumentNullException>(() => new Marshaller<string>((_, _) => { }, null!));
    }

    [Fact]
    public void A_context_that_overrides_nothing_says_so()
    {
        SerializationContext context = new Plain();

        Assert.Throws<NotImplementedException>(() => context.Complete([]));
        Assert.Throws<NotImplementedException>(() => context.Complete());
        Assert.Throws<NotImplementedException>(() => context.GetBufferWriter());
        // Only a hint, so that serializers may always give it.
        context.SetPayloadLength(7);
    }

    [Fact]
    public void A_received_message_is_a_sequence_even_where_only_its_array_is_given()
    {
        Assert.Equal("text"u8.ToArray(), new Received("text"u8.ToArray()).PayloadAsReadOnlySequence().ToArray());
        Assert.Throws<NotImplementedException>(() => new NothingReceived().PayloadAsNewBuffer());
        Assert.Throws<NotImplementedException>(() => new NothingReceived().PayloadAsReadOnlySequence());
    }

    private sealed class Written : SerializationContext
    {
        internal byte[]? Payload { get; private set; }

        public override void Complete(byte[] payload) => Payload = payload;
    }

    private sealed class Plain : SerializationContext;

    private sealed class Received(byte[] payload) : DeserializationContext
    {
        public override int PayloadLength => payload.Length;

        public override byte[] PayloadAsNewBuffer() => payload;
    }

    private sealed class NothingReceived : DeserializationContext
    {
        public override int PayloadLength => 0;
    }
}
