namespace TrActOnnx.Tests.Reference;

/// <summary>A convolution's gradients by their definition, in float64.</summary>
internal static class ConvReference
{
    /// <summary>dX, dW and dB of Y = Conv(X, W, B) for x [N, C, …], w [O, C/g, k…], dY [N, O, …].</summary>
    public static (double[] DX, double[] DW, double[] DB) Gradients(
        float[] x, float[] w, float[] dY, long batch, long outputs, long inputs, long groups, WindowCase window)
    {
        (double[] dX, double[] dW, var dB) = (new double[x.Length], new double[w.Length], new double[outputs]);
        long inputSize = Grid.Size(window.Input), outputSize = Grid.Size(window.Output), taps = Grid.Size(window.Kernel);
        (long outputsPerGroup, long inputsPerGroup) = (outputs / groups, inputs / groups);
        foreach (long[] position in Grid.Indices(window.Output))
        {
            long p = Grid.Flat(position, window.Output);
            for (long n = 0; n < batch; n++)
                for (long o = 0; o < outputs; o++) dB[o] += dY[(((n * outputs) + o) * outputSize) + p];
            foreach (long[] tap in Grid.Indices(window.Kernel))
            {
                long at = Grid.Flat(window.At(position, tap), window.Input);
                if (at < 0) continue;
                long k = Grid.Flat(tap, window.Kernel);
                for (long n = 0; n < batch; n++)
                    for (long o = 0; o < outputs; o++)
                        for (long c = 0; c < inputsPerGroup; c++)
                        {
                            long xi = (((n * inputs) + (o / outputsPerGroup * inputsPerGroup) + c) * inputSize) + at;
                            long wi = (((o * inputsPerGroup) + c) * taps) + k;
                            double g = dY[(((n * outputs) + o) * outputSize) + p];
                            dX[xi] += g * w[wi];
                            dW[wi] += g * x[xi];
                        }
            }
        }
        return (dX, dW, dB);
    }
}
