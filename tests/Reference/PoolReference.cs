namespace TrActOnnx.Tests.Reference;

/// <summary>Gradients of pooling by their definition, in float64. Planes are the N·C images.</summary>
internal static class PoolReference
{
    public static double[] MaxPool(float[] x, WindowCase window) =>
        [.. x.Chunk((int)Grid.Size(window.Input)).SelectMany(plane => Grid.Indices(window.Output).Select(output =>
            Grid.Indices(window.Kernel).Select(position => Grid.Flat(window.At(output, position), window.Input))
                .Where(at => at >= 0).Max(at => (double)plane[at])))];

    /// <summary>Each output's gradient goes to the first maximum of its window, in row-major order.</summary>
    public static double[] MaxPoolGradient(float[] x, float[] dY, WindowCase window)
    {
        var dX = new double[x.Length];
        (long inputSize, long outputSize) = (Grid.Size(window.Input), Grid.Size(window.Output));
        for (long plane = 0; plane < x.Length / inputSize; plane++)
            foreach (long[] output in Grid.Indices(window.Output))
            {
                long best = -1;
                foreach (long[] position in Grid.Indices(window.Kernel))
                {
                    long at = Grid.Flat(window.At(output, position), window.Input);
                    if (at >= 0 && (best < 0 || x[(plane * inputSize) + at] > x[(plane * inputSize) + best])) best = at;
                }
                dX[(plane * inputSize) + best] += dY[(plane * outputSize) + Grid.Flat(output, window.Output)];
            }
        return dX;
    }

    /// <summary>
    /// Each position of a window receives dY / count: with includePad the positions within input and pads count, else those within the input.
    /// </summary>
    public static double[] AveragePoolGradient(float[] dY, long planes, bool includePad, WindowCase window)
    {
        (long inputSize, long outputSize) = (Grid.Size(window.Input), Grid.Size(window.Output));
        var dX = new double[planes * inputSize];
        foreach (long[] output in Grid.Indices(window.Output))
        {
            long[][] reached = [.. Grid.Indices(window.Kernel).Select(position => window.At(output, position))];
            long[] inside = [.. reached.Select(at => Grid.Flat(at, window.Input)).Where(at => at >= 0)];
            int count = includePad ? reached.Count(
                at => at.Select((i, axis) => i < window.Input[axis] + window.PadsEnd[axis]).All(within => within)) : inside.Length;
            for (long plane = 0; plane < planes; plane++)
                foreach (long at in inside)
                    dX[(plane * inputSize) + at] += dY[(plane * outputSize) + Grid.Flat(output, window.Output)] / (double)count;
        }
        return dX;
    }
}
