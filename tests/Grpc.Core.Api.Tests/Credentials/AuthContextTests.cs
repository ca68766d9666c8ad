using System.Text;

namespace Grpc.Core.Api.Tests.Credentials;

public sealed class AuthContextTests
{
    private static readonly AuthProperty CommonName = AuthProperty.Create("x509_common_name", "forum"u8.ToArray());
    private static readonly AuthProperty FirstName = AuthProperty.Create("x509_subject_alternative_name", "forum.example"u8.ToArray());
    private static readonly AuthProperty SecondName = AuthProperty.Create("x509_subject_alternative_name", "论坛"u8.ToArray());

    private readonly AuthContext context = new("x509_subject_alternative_name", new Dictionary<string, List<AuthProperty>>
    {
        ["x509_common_name"] = [CommonName],
        ["x509_subject_alternative_name"] = [FirstName, SecondName],
    });

    [Fact]
    public void An_authenticated_peer_has_an_identity()
    {
        Assert.True(context.IsPeerAuthenticated);
        Assert.Equal("x509_subject_alternative_name", context.PeerIdentityPropertyName);
        Assert.Equal([FirstName, SecondName], context.PeerIdentity);
    }

    [Fact]
    public void A_peer_that_is_not_authenticated_has_none()
    {
        var nobody = new AuthContext(null, []);

        Assert.False(nobody.IsPeerAuthenticated);
        Assert.Null(nobody.PeerIdentityPropertyName);
        Assert.Empty(nobody.PeerIdentity);
        Assert.Empty(nobody.Properties);
    }

    [Fact]
    public void Properties_are_found_by_name()
    {
        Assert.Equal([CommonName], context.FindPropertiesByName("x509_common_name"));
        Assert.Empty(context.FindPropertiesByName("absent"));
        Assert.Equal(3, context.Properties.Count());
        Assert.Throws<ArgumentNullException>(() => new AuthContext(null, null!));
    }

    [Fact]
    public void A_property_has_its_value_as_text_and_as_bytes()
    {
        Assert.Equal("论坛", SecondName.Value);
        Assert.Equal(Encoding.UTF8.GetBytes("论坛"), SecondName.ValueBytes);
        Assert.Equal("x509_common_name", CommonName.Name);
    }

    [Fact]
    public void A_property_cannot_be_changed_from_outside()
    {
        byte[] given = [.. "forum"u8];
        var property = AuthProperty.Create("name", given);

        given[0] = 0;
        property.ValueBytes[1] = 0;

        Assert.Equal("forum", property.Value);
        Assert.Throws<ArgumentNullException>(() => AuthProperty.Create(null!, given));
        Assert.Throws<ArgumentNullException>(() => AuthProperty.Create("name", null!));
    }
}
