namespace Exchange.Catalog.Tests.Identity;

public class ClientRulesTests
{
    // The key of RFC 7515 appendix A.3.
    private const string X = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
    private const string Y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
    private const string Keys = $$"""{"keys":[{"kty":"EC","crv":"P-256","kid":"a","x":"{{X}}","y":"{{Y}}"}]}""";

    private static readonly ClientRegistration Pusher = new()
    {
        Id = new("hotline-push"),
        Department = City.Hotline,
        Authentication = ClientAuthentication.PrivateKeyJwt,
        Role = Role.DepartmentSystem,
    };

    [Fact]
    public void A_client_is_registered_once_in_the_hub_and_disabled_for_good()
    {
        var state = City.State.After(ClientRules.Register(City.State, Pusher, Keys, "", City.Noon));
        var disabled = state.After(ClientRules.Disable(state, City.Hotline, Pusher.Id, City.Noon.AddDays(1)));

        Assert.Equal(RefusalReason.ClientExists, ClientRules.Register(state, Pusher with { Department = City.Forum }, Keys, "", City.Noon).Refusal?.Reason);
        Assert.False(state.Clients["hotline-push"].IsDisabled);
        Assert.True(disabled.Clients["hotline-push"].IsDisabled);
        Assert.Null(ClientRules.Disable(disabled, City.Hotline, Pusher.Id, City.Noon.AddDays(2)).Value.Event);
        Assert.Equal(RefusalReason.ClientExists, ClientRules.Register(disabled, Pusher, Keys, "", City.Noon).Refusal?.Reason);
    }

    [Fact]
    public void A_client_of_another_department_is_not_found()
    {
        var state = City.State.After(ClientRules.Register(City.State, Pusher, Keys, "", City.Noon));

        Assert.Equal(RefusalReason.ClientNotFound, ClientRules.Disable(state, City.Forum, Pusher.Id, City.Noon).Refusal?.Reason);
        Assert.Equal(RefusalReason.DepartmentNotFound, ClientRules.Register(state, Pusher with { Department = new("nobody") }, Keys, "", City.Noon).Refusal?.Reason);
    }

    [Fact]
    public void Every_bad_part_of_a_client_is_told_at_once()
    {
        var bad = Pusher with { Id = new("X"), DisplayName = new string('a', 201), Role = Role.Unspecified, Authentication = 0 };

        Assert.Equal(
            ["client_id INVALID_ID", "client.display_name INVALID_TEXT", "client.role REQUIRED", "client.authentication REQUIRED"],
            ClientRules.Register(City.State, bad, Keys, "", City.Noon).Violations());
    }

    [Theory]
    [InlineData("NOT_A_JWK_SET", "")]
    [InlineData("NOT_A_JWK_SET", "not json")]
    [InlineData("NOT_A_JWK_SET", "[]")]
    [InlineData("NOT_A_JWK_SET", """{"keys":[]}""")]
    [InlineData("KEY_KIND", """{"keys":[1]}""")]
    [InlineData("KEY_SIZE", """{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"}]}""")]
    [InlineData("KEY_KIND", $$"""{"keys":[{"kty":"EC","crv":"P-384","x":"{{X}}","y":"{{Y}}"}]}""")]
    [InlineData("NOT_ON_CURVE", $$"""{"keys":[{"kty":"EC","crv":"P-256","x":"AQAB","y":"{{Y}}"}]}""")]
    [InlineData("NOT_ON_CURVE", $$"""{"keys":[{"kty":"EC","crv":"P-256","x":"{{X}}","y":"{{X}}"}]}""")]
    [InlineData("PRIVATE_KEY", $$"""{"keys":[{"kty":"EC","crv":"P-256","x":"{{X}}","y":"{{Y}}","d":"{{X}}"}]}""")]
    public void Only_sound_public_keys_are_taken(string reason, string keys) =>
        Assert.Equal([$"client.jwks {reason}"], ClientRules.Register(City.State, Pusher, keys, "", City.Noon).Violations());

    [Fact]
    public void A_client_with_a_secret_has_no_keys()
    {
        var client = Pusher with { Authentication = ClientAuthentication.ClientSecret, SecretHash = "hash" };

        Assert.Equal(["client.jwks NOT_APPLICABLE"], ClientRules.Register(City.State, client, Keys, "", City.Noon).Violations());
        Assert.False(ClientRules.Register(City.State, client, "", "", City.Noon).IsRefused);
    }
}
