using GraphRewrite.Diagnostics;
using GraphRewrite.IR;

namespace GraphRewrite.Serialization;

/// <summary>A model that holds nothing but named initializers: batches, traces, initial values. Any ONNX tool reads it.</summary>
public static class TensorFile
{
    /// <summary>The tensors by name, in the file's order.</summary>
    /// <exception cref="GraphRewriteException">The file is no readable ONNX model.</exception>
    public static OrderedDictionary<string, Tensor> Read(string path)
    {
        var tensors = new OrderedDictionary<string, Tensor>();
        foreach (Value value in OnnxReader.Read(path).Graph.Initializers)
            if (value.Initializer is { } tensor) tensors[value.Name] = tensor;
        return tensors;
    }

    /// <summary>Writes the tensors under their names, in this order.</summary>
    /// <exception cref="GraphRewriteException">The file cannot be written.</exception>
    public static void Write(string path, IEnumerable<KeyValuePair<string, Tensor>> tensors) => OnnxWriter.Write(Of(tensors), path);

    /// <summary>Writes the tensors as one of several files that belong together.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tensors">The tensors by name.</param>
    /// <param name="files">The set, which the caller commits.</param>
    /// <exception cref="GraphRewriteException">The file cannot be written.</exception>
    public static void Write(string path, IEnumerable<KeyValuePair<string, Tensor>> tensors, AtomicFiles files) =>
        OnnxWriter.WriteInto(files, Of(tensors), path);

    private static Model Of(IEnumerable<KeyValuePair<string, Tensor>> tensors)
    {
        var graph = new Graph("tensors", new Dictionary<string, long> { [OpId.Onnx] = 21 });
        foreach ((string name, Tensor tensor) in tensors) graph.AddInitializer(name, tensor);
        return new(graph);
    }
}
