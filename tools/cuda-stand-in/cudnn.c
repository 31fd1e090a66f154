/* cuDNN, which the provider opens when a node first asks for it: descriptors are made, graphs are built, plans found; executing does nothing. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>
static char handle[65536];
size_t cudnnGetVersion(void) { return 91200; }
const char* cudnnGetErrorString(int status) { return "stand-in"; }
void cudnnGetLastErrorString(char* message, size_t size) { if (size) message[0] = 0; }
#define CREATES(name) int name(void** made) { *made = handle; return 0; }
CREATES(cudnnCreate) CREATES(cudnnCreateActivationDescriptor) CREATES(cudnnCreateConvolutionDescriptor) CREATES(cudnnCreateDropoutDescriptor)
CREATES(cudnnCreateFilterDescriptor) CREATES(cudnnCreateLRNDescriptor) CREATES(cudnnCreatePoolingDescriptor) CREATES(cudnnCreateRNNDataDescriptor)
CREATES(cudnnCreateRNNDescriptor) CREATES(cudnnCreateReduceTensorDescriptor) CREATES(cudnnCreateTensorDescriptor)
int cudnnBackendCreateDescriptor(int type, void** made) { *made = handle; return 0; }
int cudnnDropoutGetStatesSize(void* h, size_t* size) { *size = 256; return 0; }
int cudnnGetReductionIndicesSize(void* h, void* r, void* a, void* b, size_t* size) { *size = 0; return 0; }
int cudnnGetReductionWorkspaceSize(void* h, void* r, void* a, void* b, size_t* size) { *size = 0; return 0; }
int cudnnGetConvolutionForwardWorkspaceSize(void* h, void* x, void* w, void* c, void* y, int algorithm, size_t* size) { *size = 0; return 0; }
/* One engine, whose every number is 0. A descriptor (type 15) is filled in place. */
int cudnnBackendGetAttribute(void* descriptor, int name, int type, int64_t asked, int64_t* count, void* elements) {
    int64_t n = asked < 1 ? asked : 1;
    if (count) *count = asked == 0 ? 1 : n;
    if (elements && n > 0 && type != 15) memset(elements, 0, type == 3 || type == 0 || type == 1 ? 8 : 4);
    return 0;
}
