using System.Text.Json;
using GraphRewrite.IR;
using GraphRewrite.Serialization;

namespace TrActOnnx.Tests;

/// <summary>A folder of tests/cases: a real model, its artifacts, the batches it was trained on and the float64 truth.</summary>
internal sealed class ReferenceCase
{
    private static readonly Dictionary<string, string> LossNames = new()
    {
        ["CrossEntropyLoss"] = "cross-entropy",
        ["MSELoss"] = "mse",
        ["L1Loss"] = "l1",
        ["BCEWithLogitsLoss"] = "bce-with-logits",
    };

    private readonly Lazy<Graph> truth;

    private ReferenceCase(string name, JsonElement json)
    {
        Name = name;
        Json = json;
        truth = new(() => OnnxReader.Read(Path.Combine(Folder, "truth.onnx")).Graph); // a case that draws has none
    }

    public string Name { get; }

    /// <summary>case.json.</summary>
    public JsonElement Json { get; }

    public string Folder => TestData.Case(Name);

    /// <summary>The options by which the forward model becomes the training graph that the truth is of.</summary>
    public string[] LossAndFrozen =>
        ["--loss", LossNames[Json.GetProperty("loss").GetString()!], .. Frozen.SelectMany(name => new[] { "--freeze", name })];

    public string Optimizer => Json.GetProperty("optimizer").GetString()!;

    public int Steps => Json.GetProperty("steps").GetInt32();

    public double LearningRate => Json.GetProperty("learning_rate").GetDouble();

    public IReadOnlyList<string> Trainable => [.. Json.GetProperty("trainable").EnumerateArray().Select(name => name.GetString()!)];

    /// <summary>What ONNX Runtime Training 1.19.2, native, gave on the plain artifacts.</summary>
    public IReadOnlyList<double> GenuineLosses =>
        [.. Json.GetProperty("ort_training_1_19_2").GetProperty("losses").EnumerateArray().Select(loss => loss.GetDouble())];

    /// <summary>One batch a step: the user inputs, then the labels.</summary>
    public IReadOnlyList<IReadOnlyList<Tensor>> Batches => [.. Enumerable.Range(0, Steps).Select(Batch)];

    public static ReferenceCase Read(string name)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(TestData.Case(name), "case.json")));
        return new(name, json.RootElement.Clone());
    }

    private IEnumerable<string> Frozen =>
        Json.TryGetProperty("frozen", out JsonElement frozen) ? frozen.EnumerateArray().Select(name => name.GetString()!) : [];

    /// <summary>A tensor of truth.onnx, "plain/losses" for one; null where the truth leaves it out.</summary>
    public Tensor? Truth(string name) => truth.Value.Find(name)?.Initializer;

    private List<Tensor> Batch(int step)
    {
        var tensors = new List<Tensor>();
        while (Truth($"batch{step}/input{tensors.Count}") is { } input) tensors.Add(input);
        tensors.Add(Truth($"batch{step}/labels") ?? throw new InvalidDataException($"{Name}: truth.onnx has no labels for batch {step}."));
        return tensors;
    }
}
