namespace GraphRewrite.IR;

/// <summary>Runs a model: the one thing this library leaves to its host, so that graph work needs no runtime.</summary>
public interface IGraphRunner
{
    /// <summary>All graph outputs, by name, for the given graph inputs.</summary>
    IReadOnlyDictionary<string, Tensor> Run(Model model, IReadOnlyDictionary<string, Tensor> feeds);
}
