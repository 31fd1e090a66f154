using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using GraphRewrite.IR;
using GraphRewrite.Serialization;

namespace TrActOnnx.Tests.Peers;

/// <summary>The genuine ONNX Runtime Training 1.19.2, in Node: tools/ort-training-node. It trains with AdamW only.</summary>
internal static class OrtTrainingNode
{
    private const string GradientBuffer = "_grad.accumulation.buffer";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    private static readonly Lazy<bool> NodeRuns = new(FindNode);

    private static string Tool => Path.Combine(Path.GetDirectoryName(TestData.Root)!, "tools", "ort-training-node");

    /// <summary>Whether Node and the packages of the tool are there.</summary>
    public static bool IsAvailable => NodeRuns.Value && Directory.Exists(Path.Combine(Tool, "node_modules", "onnxruntime-web"));

    /// <summary>One optimizer step for each batch, from the artifacts' checkpoint and at its learning rate.</summary>
    /// <param name="folder">The four artifact files.</param>
    /// <param name="batches">For each step the user inputs, then the labels.</param>
    public static GenuineRun Train(string folder, IReadOnlyList<IReadOnlyList<Tensor>> batches)
    {
        string batchFile = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(batchFile, JsonSerializer.SerializeToUtf8Bytes(batches.Select(batch => batch.Select(Describe))));
            using var result = JsonDocument.Parse(Run("node", Path.Combine(Tool, "train.mjs"), folder, batchFile));
            byte[] parameters = result.RootElement.GetProperty("parameters").GetBytesFromBase64();
            return new(
                [.. result.RootElement.GetProperty("losses").EnumerateArray().Select(loss => loss.GetDouble())],
                NameParameters(OnnxReader.Read(Path.Combine(folder, "training_model.onnx")).Graph, parameters));
        }
        finally
        {
            File.Delete(batchFile);
        }
    }

    private static object Describe(Tensor tensor) => new
    {
        type = tensor.Type switch
        {
            ElementType.Float => "float32",
            ElementType.Int64 => "int64",
            _ => throw new NotSupportedException($"A batch with a tensor of type {tensor.Type}."),
        },
        dims = tensor.Dims,
        data = Convert.ToBase64String(tensor.Data.Span),
    };

    /// <summary>The runtime gives all trainable parameters as one array, in the order of the training model's inputs.</summary>
    private static Dictionary<string, Tensor> NameParameters(Graph trainingModel, byte[] contiguous)
    {
        var parameters = new Dictionary<string, Tensor>();
        int offset = 0;
        foreach (Value input in trainingModel.Inputs.Where(input => trainingModel.Find(input.Name + GradientBuffer) is not null))
        {
            long[] dims = [.. input.Shape!.Select(dim => dim.Value)];
            int length = checked((int)dims.Aggregate((long)sizeof(float), (product, dim) => product * dim));
            parameters.Add(input.Name, new(ElementType.Float, dims, contiguous.AsMemory(offset, length)));
            offset += length;
        }
        return offset == contiguous.Length ? parameters
            : throw new InvalidDataException(
                $"The training model has {offset} bytes of trainable parameters, the runtime trained {contiguous.Length}.");
    }

    private static bool FindNode()
    {
        try
        {
            return Run("node", "--version").StartsWith('v');
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

    private static string Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(
            new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(Limit))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)}: not done after {Limit}.");
        }
        if (process.ExitCode != 0) throw new InvalidOperationException($"{program} ended with code {process.ExitCode}: {errors.Result}");
        return output.Result;
    }
}

/// <param name="Losses">One a step.</param>
/// <param name="Parameters">The trainable parameters after the last step, by name.</param>
internal sealed record GenuineRun(IReadOnlyList<double> Losses, IReadOnlyDictionary<string, Tensor> Parameters);
