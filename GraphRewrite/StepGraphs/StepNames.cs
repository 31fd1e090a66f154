using GraphRewrite.IR;

namespace GraphRewrite.StepGraphs;

/// <summary>
/// What a step graph calls its own inputs and outputs: as <see cref="StepGraph"/> says, or, where the model has a value of that name, the name with
/// a number: <c>step_1</c> beside a model's input <c>step</c>.
/// </summary>
public sealed class StepNames
{
    private readonly HashSet<string> taken;

    private StepNames(HashSet<string> taken) => this.taken = taken;

    /// <summary>The names beside those of a training graph.</summary>
    public static StepNames Beside(TrainingGraph training)
    {
        Graph graph = training.Graph;
        return new([.. graph.Inputs.Concat(graph.Outputs).Concat(graph.Initializers).Select(value => value.Name), training.Loss, .. graph.Reserved]);
    }

    /// <summary>int64 [1]: how many steps were done.</summary>
    public string Step => Free(StepGraph.Step);

    /// <summary>float [1].</summary>
    public string LearningRate => Free(StepGraph.LearningRate);

    /// <summary>bool scalar: whether this batch is the last before an update.</summary>
    public string ApplyUpdate => Free(StepGraph.ApplyUpdate);

    /// <summary>The output that replaces an input of <see cref="StepGraph.State"/>.</summary>
    public string New(string name) => Free(StepGraph.New(name));

    /// <summary>The moment of a parameter: "m" or "v".</summary>
    public string Moment(string parameter, string moment) => Free(StepGraph.Moment(parameter, moment));

    /// <summary>The sum of a parameter's gradients since the last update.</summary>
    internal string Accumulated(string parameter) => Free(StepGraph.Accumulated(parameter));

    /// <summary>The moving average of a parameter or running statistic.</summary>
    public string Average(string name) => Free(StepGraph.Average(name));

    /// <summary>One of the taps that a weight is kept as.</summary>
    internal string Tap(string parameter, int position) => Free(StepGraph.Tap(parameter, position));

    private string Free(string name)
    {
        string free = name;
        for (int number = 1; taken.Contains(free); number++) free = $"{name}_{number}";
        return free;
    }
}
