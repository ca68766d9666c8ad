namespace Exchange.Catalog.Tests.Identity;

public class ClientRulesTests
{
    private const string Coordinate = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
    private const string Keys = $$"""{"keys":[{"kty":"EC","crv":"P-256","kid":"a","x":"{{Coordinate}}","y":"{{Coordinate}}"}]}""";

    private static readonly ClientRegistration Pusher = new()
    {
        Id = new("hotline-push"),
        Department = City.Hotline,
        Authentication = ClientAuthentication.PrivateKeyJwt,
        Jwks = Keys,
        Role = Role.DepartmentSystem,
    };

    [Fact]
    public void A_client_is_registered_once_in_the_hub_and_disabled_for_good()
    {
        var state = City.State.After(ClientRules.Register(City.State, Pusher, City.Noon));
        var disabled = state.After(ClientRules.Disable(state, City.Hotline, Pusher.Id, City.Noon.AddDays(1)));

        Assert.Equal(RefusalReason.ClientExists, ClientRules.Register(state, Pusher with { Department = City.Forum }, City.Noon).Refusal?.Reason);
        Assert.False(state.Clients["hotline-push"].IsDisabled);
        Assert.True(disabled.Clients["hotline-push"].IsDisabled);
        Assert.Null(ClientRules.Disable(disabled, City.Hotline, Pusher.Id, City.Noon.AddDays(2)).Value.Event);
        Assert.Equal(RefusalReason.ClientExists, ClientRules.Register(disabled, Pusher, City.Noon).Refusal?.Reason);
    }

    [Fact]
    public void A_client_of_another_department_is_not_found()
    {
        var state = City.State.After(ClientRules.Register(City.State, Pusher, City.Noon));

        Assert.Equal(RefusalReason.ClientNotFound, ClientRules.Disable(state, City.Forum, Pusher.Id, City.Noon).Refusal?.Reason);
        Assert.Equal(RefusalReason.DepartmentNotFound, ClientRules.Register(state, Pusher with { Department = new("nobody") }, City.Noon).Refusal?.Reason);
    }

    [Fact]
    public void Every_bad_part_of_a_client_is_told_at_once()
    {
        var bad = Pusher with { Id = new("X"), DisplayName = new string('a', 201), Role = Role.Unspecified, Authentication = 0 };

        Assert.Equal(
            ["client_id INVALID_ID", "client.display_name INVALID_TEXT", "client.role REQUIRED", "client.authentication REQUIRED"],
            ClientRules.Register(City.State, bad, City.Noon).Violations());
    }

    [Theory]
    [InlineData("")]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("""{"keys":[]}""")]
    [InlineData("""{"keys":[1]}""")]
    [InlineData("""{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"}]}""")]
    [InlineData($$"""{"keys":[{"kty":"EC","crv":"P-384","x":"{{Coordinate}}","y":"{{Coordinate}}"}]}""")]
    [InlineData($$"""{"keys":[{"kty":"EC","crv":"P-256","x":"AQAB","y":"{{Coordinate}}"}]}""")]
    [InlineData($$"""{"keys":[{"kty":"EC","crv":"P-256","x":"{{Coordinate}}","y":"{{Coordinate}}","d":"{{Coordinate}}"}]}""")]
    public void Only_public_keys_on_P_256_are_taken(string keys) =>
        Assert.Equal(["client.jwks INVALID_KEY_SET"], ClientRules.Register(City.State, Pusher with { Jwks = keys }, City.Noon).Violations());

    [Fact]
    public void A_client_with_a_secret_has_no_keys()
    {
        var client = Pusher with { Authentication = ClientAuthentication.ClientSecret, SecretHash = "hash" };

        Assert.Equal(["client.jwks NOT_APPLICABLE"], ClientRules.Register(City.State, client, City.Noon).Violations());
        Assert.False(ClientRules.Register(City.State, client with { Jwks = "" }, City.Noon).IsRefused);
    }
}
