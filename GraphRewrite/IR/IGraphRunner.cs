namespace GraphRewrite.IR;

/// <summary>Runs models: the one thing this library leaves to its host, so that graph work needs no runtime.</summary>
public interface IGraphRunner
{
    /// <summary>Prepares a model for any number of runs.</summary>
    IGraphSession Open(Model model);
}

/// <summary>A model that is ready to run.</summary>
public interface IGraphSession : IDisposable
{
    /// <summary>All graph outputs, by name, for the given graph inputs; good until the next run: they may be the runtime's own memory.</summary>
    IReadOnlyDictionary<string, Tensor> Run(IReadOnlyDictionary<string, Tensor> feeds);
}
