namespace GraphRewrite.IR;

// What becomes an input or an output of a graph, and what is one no more.
public sealed partial class Graph
{
    /// <summary>Turns an initializer or a value without producer into a graph input.</summary>
    internal void MarkInput(Value value)
    {
        if (value.IsGraphInput) return;
        value.IsGraphInput = true;
        inputs.Add(value);
    }

    internal void UnmarkInput(Value value)
    {
        value.IsGraphInput = false;
        inputs.Remove(value);
    }

    /// <summary>Makes a value an output, behind the others.</summary>
    public void MarkOutput(Value value)
    {
        value.IsGraphOutput = true;
        outputs.Add(value);
    }

    internal void UnmarkOutput(Value value)
    {
        outputs.Remove(value);
        value.IsGraphOutput = outputs.Contains(value);
    }

    /// <summary>Makes values outputs no more, however often they are listed.</summary>
    internal void UnmarkOutputs(Predicate<Value> which)
    {
        foreach (Value output in outputs.Where(output => which(output))) output.IsGraphOutput = false;
        outputs.RemoveAll(output => !output.IsGraphOutput);
    }
}
