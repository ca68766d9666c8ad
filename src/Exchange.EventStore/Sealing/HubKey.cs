using System.Security.Cryptography;

namespace Exchange.EventStore.Sealing;

/// <summary>
/// The key that wraps data keys. Its file holds 32 bytes as base64, readable by its owner only. A wrapped key is: version (1) ‖ first 8 bytes of
/// SHA-256 of the hub key ‖ nonce (12) ‖ tag (16) ‖ ciphertext (32), AES-256-GCM with partition ‖ stream as associated data.
/// </summary>
internal sealed class HubKey
{
    private const byte Version = 1;
    private const int NameBytes = 8;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int HeaderBytes = 1 + NameBytes + NonceBytes + TagBytes;

    private readonly byte[] key;
    private readonly byte[] name;

    private HubKey(byte[] key)
    {
        this.key = key;
        name = SHA256.HashData(key)[..NameBytes];
    }

    /// <summary>Tells two keys apart without telling either: first 8 bytes of the key's SHA-256.</summary>
    public ReadOnlySpan<byte> Name => name;

    /// <summary>Loads the key; makes one when the file is absent and `mayCreate`.</summary>
    public static async Task<HubKey> LoadAsync(string file, bool mayCreate, CancellationToken cancellationToken)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return new HubKey(Parse(file, await File.ReadAllTextAsync(file, cancellationToken)));
            }
            catch (FileNotFoundException) when (mayCreate && attempt is 0)
            {
                await CreateAsync(file, cancellationToken);
            }
            catch (DirectoryNotFoundException) when (mayCreate && attempt is 0)
            {
                var folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
                Directory.CreateDirectory(folder);
                FolderSync.Flush(Path.GetDirectoryName(folder) ?? folder);
                await CreateAsync(file, cancellationToken);
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
            {
                throw new HubKeyException($"the hub key file `{file}` is missing, and the store has sealed values; put the store's key file there", e);
            }
        }
    }

    public byte[] Wrap(DataKey dataKey)
    {
        var result = new byte[HeaderBytes + DataKey.SizeBytes];
        result[0] = Version;
        name.CopyTo(result.AsSpan(1));
        var nonce = result.AsSpan(1 + NameBytes, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        Span<byte> associated = stackalloc byte[20];
        DataKey.WriteName(associated, dataKey.Partition, dataKey.StreamId);
        using var cipher = new AesGcm(key, TagBytes);
        cipher.Encrypt(nonce, dataKey.Bytes, result.AsSpan(HeaderBytes), result.AsSpan(1 + NameBytes + NonceBytes, TagBytes), associated);
        return result;
    }

    public DataKey Unwrap(int partition, Guid streamId, ReadOnlySpan<byte> wrapped)
    {
        if (wrapped.Length != HeaderBytes + DataKey.SizeBytes || wrapped[0] is not Version)
        {
            throw new HubKeyException("a data key is wrapped in a form this program does not know", null);
        }

        if (!wrapped.Slice(1, NameBytes).SequenceEqual(name))
        {
            throw new HubKeyException("a data key is wrapped by another hub key; give the store's own key file", null);
        }

        var opened = new byte[DataKey.SizeBytes];
        Span<byte> associated = stackalloc byte[20];
        DataKey.WriteName(associated, partition, streamId);
        using var cipher = new AesGcm(key, TagBytes);
        cipher.Decrypt(
            wrapped.Slice(1 + NameBytes, NonceBytes), wrapped[HeaderBytes..], wrapped.Slice(1 + NameBytes + NonceBytes, TagBytes), opened, associated);
        return new DataKey(partition, streamId, opened);
    }

    private static byte[] Parse(string file, string text)
    {
        var bytes = new byte[DataKey.SizeBytes];
        return Convert.TryFromBase64String(text.Trim(), bytes, out var written) && written == bytes.Length
            ? bytes
            : throw new HubKeyException($"the hub key file `{file}` does not hold 32 bytes as base64", null);
    }

    // Written beside its place and linked there, so that another process sees the whole file or none, and never another key than we do.
    private static async Task CreateAsync(string file, CancellationToken cancellationToken)
    {
        var fresh = $"{file}.{Guid.NewGuid():n}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        await using (var stream = new FileStream(fresh, options))
        {
            var text = System.Text.Encoding.ASCII.GetBytes(Convert.ToBase64String(RandomNumberGenerator.GetBytes(DataKey.SizeBytes)) + "\n");
            await stream.WriteAsync(text, cancellationToken);
            stream.Flush(flushToDisk: true);
        }

        try
        {
            File.Move(fresh, file, overwrite: false);
        }
        catch (IOException) when (File.Exists(file))
        {
            // Another process was first; its key counts.
            File.Delete(fresh);
        }

        // Before anything is sealed: sealed values without their key are lost.
        FolderSync.Flush(Path.GetDirectoryName(Path.GetFullPath(file))!);
    }
}
