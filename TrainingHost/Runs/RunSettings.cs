using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using GraphRewrite.Diagnostics;
using GraphRewrite.Serialization;
using Microsoft.ML.OnnxRuntime;

namespace TrainingHost.Runs;

/// <summary>
/// settings.json: what a run was asked for, on what, where. A resumed run takes its options from here; <c>--config</c> reads the same file.
/// </summary>
internal sealed record RunSettings
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    /// <summary>Every option of train with its value or values, names without dashes; options without a value are left out.</summary>
    public required OrderedDictionary<string, string[]> Options { get; init; }

    /// <summary>What follows from the options and the model: optimizer, learning rate, steps, λ, seed and so on.</summary>
    public OrderedDictionary<string, string> Resolved { get; init; } = [];

    /// <summary>The model as it was given.</summary>
    public required RunModel Model { get; init; }

    /// <summary>The data's name and a hash of it.</summary>
    public RunData? Data { get; init; }

    /// <summary>Steps that the model's own checkpoint had behind it as the run began.</summary>
    public long StepsBefore { get; init; }

    /// <summary>Where the run began.</summary>
    public RunPlace Place { get; init; } = RunPlace.Here;

    /// <exception cref="GraphRewriteException">The file cannot be read.</exception>
    public static RunSettings Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<RunSettings>(File.ReadAllBytes(path), Json)!;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new GraphRewriteException($"{path}: no settings of a run can be read there ({e.Message.TrimEnd('.')}).", e);
        }
    }

    public void Write(string path) => OutputFiles.Write(path, file => JsonSerializer.Serialize(file, this, Json));
}

/// <summary>The model of a run: its file or folder, and a hash of what it held.</summary>
internal sealed record RunModel(string Path, string Sha256)
{
    public static RunModel Of(string path)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        string[] files = File.Exists(path) ? [path] : [.. Directory.GetFiles(path).Order(StringComparer.Ordinal)];
        byte[] buffer = new byte[1 << 20];
        foreach (string file in files)
        {
            using FileStream stream = File.OpenRead(file);
            for (int read; (read = stream.Read(buffer)) > 0;) hash.AppendData(buffer, 0, read);
        }
        return new(System.IO.Path.GetFullPath(path), Convert.ToHexStringLower(hash.GetHashAndReset()));
    }
}

/// <summary>The data of a run.</summary>
internal sealed record RunData(string Name, string? Fingerprint);

/// <summary>The program and the machine.</summary>
internal sealed record RunPlace(
    DateTimeOffset Started, string Program, string OnnxRuntime, string Runtime, string System, string Architecture, int Cores, string Host)
{
    public static RunPlace Here => new(
        DateTimeOffset.Now,
        typeof(RunPlace).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown",
        OrtEnv.Instance().GetVersionString(),
        RuntimeInformation.FrameworkDescription,
        RuntimeInformation.OSDescription,
        $"{RuntimeInformation.ProcessArchitecture}",
        Environment.ProcessorCount,
        Environment.MachineName);
}
